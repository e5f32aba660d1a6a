import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import TestSupport

@testable import AIOEngine

/// A kernel of threads whose blocks run when the test says so: `kernel.runNext()`.
final class ThreadKernelRig: Sendable {
    let kernel: ThreadKernel
    private let demanded: DemandedThreads

    /// - Parameter hasThreads: whether there are threads to run blocks.
    init(calls: any BlockingCalls = LiveCalls(), hasThreads: Bool = true) {
        let demanded = DemandedThreads()
        self.demanded = demanded
        let host = Host(clock: LiveClock(), threads: LiveThreads(), calls: calls)
        kernel = ThreadKernel(host) { count in
            demanded.count.add(count, ordering: .relaxed)
            return hasThreads
        }
    }

    deinit { kernel.destroy() }

    /// For how many blocks a thread was asked for.
    var demand: Int { demanded.count.load(ordering: .relaxed) }

    /// Runs the next block here; nil where there is none.
    func runNext() -> Reaped? { kernel.runNext().map { Reaped($0.data, $0.result) } }

    /// Submits the blocks and runs them here, one after the other.
    func results(_ contents: [ControlBlock]) -> [Int] {
        let blocks = ControlBlocks(contents)
        guard blocks.submit(to: kernel) == contents.count else { return [] }
        let results = contents.map { _ in runNext()?.result ?? .min }
        withExtendedLifetime(blocks) {}
        return results
    }

    /// Has a thread of its own sleep in the kernel, and waits until it does.
    func sleeper(nanoseconds: Int64 = -1) -> Sleeper {
        let sleeper = Sleeper(kernel, nanoseconds)
        while !kernel.isAsleep, !sleeper.hasReturned { sched_yield() }
        return sleeper
    }
}

private final class DemandedThreads: Sendable {
    let count = Atomic<Int>(0)
}

/// A thread that sleeps in a kernel once.
final class Sleeper: Sendable {
    private let result = Monitor<(reaping: Int, wasWoken: Bool, events: [Reaped])?>(nil)

    init(_ kernel: ThreadKernel, _ nanoseconds: Int64) {
        let result = result
        startThread {
            var buffer = [CompletionEvent](repeating: CompletionEvent(), count: 64)
            let reaping = buffer.withUnsafeMutableBufferPointer {
                kernel.reap(into: $0, timeoutNanoseconds: nanoseconds)
            }
            let events = buffer.prefix(max(0, reaping.count)).map { Reaped($0.data, $0.result) }
            result.withLock { $0 = (reaping.count, reaping.wasWoken, events) }
        }
    }

    var hasReturned: Bool { result.withLock { $0 != nil } }
    /// Waits for its end on the calling thread.
    func outcome(seconds: Int = 60) throws -> (reaping: Int, wasWoken: Bool, events: [Reaped]) {
        try result.wait(for: "the end of a sleep", seconds: seconds) { $0 }
    }
}

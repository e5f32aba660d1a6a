import AIOKernel
import CAIOShims
import ForkSafeMutex
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// An engine on a scripted kernel, with every operation that was started on it.
final class EngineRig: Sendable {
    let kernel: ScriptedKernel
    let engine: Engine
    private let started = Mutex<[StartedOperation]>([])

    init(
        depth: Int = 4, maximumPending: Int? = nil, blockingThreads: Int = 2, mode: ScriptedKernel.Mode = .manual,
        polling: UInt64 = 0, client: (any LoopClient)? = nil
    ) throws {
        kernel = try ScriptedKernel(mode: mode)
        var configuration = Engine.Configuration()
        configuration.queueDepth = depth
        configuration.maximumPending = maximumPending
        configuration.blockingThreads = blockingThreads
        configuration.pollingNanoseconds = polling
        configuration.name = "rig"
        configuration.prepares = true
        configuration.isCancelled = ScannedWaiter.isCancelled
        engine = try Engine(configuration, clients: client.map { [$0] } ?? [], kernels: [kernel])
    }

    // MARK: Starting

    /// Starts an operation. The caller keeps `memory` and `lease` alive until it has completed.
    @discardableResult
    func start(
        _ block: ControlBlock = .read(0), kind: OperationKind = .read, route: Route = .kernel,
        policy: CancelPolicy = .abandon, waiter: Waiter = .none, memory: AnyObject? = nil,
        lease: DescriptorLease? = nil
    ) -> StartedOperation {
        let one = StartedOperation()
        started.withLock { $0.append(one) }
        one.id = engine.start(
            Operation(
                block, kind: kind, route: route, policy: policy, memory: memory.map(Unmanaged.passUnretained),
                lease: lease.map(Unmanaged.passUnretained)),
            for: waiter, then: one.completion)
        return one
    }

    /// Starts reads whose offsets are their numbers, by which the kernel's side distinguishes them.
    func startReads(_ numbers: Range<Int>) -> [StartedOperation] { numbers.map { start(.numbered($0)) } }

    /// Starts the same reads in one call of the engine.
    func startTogether(_ numbers: Range<Int>) -> [StartedOperation] {
        let all = numbers.map { _ in StartedOperation() }
        started.withLock { $0 += all }
        let operations = zip(numbers, all).map { number, one in
            (
                operation: Operation(.numbered(number), kind: .read, route: .kernel, policy: .abandon),
                completion: one.completion
            )
        }
        operations.withUnsafeBufferPointer { engine.start($0) }
        return all
    }

    func startPoll() -> StartedOperation { start(.poll(0), kind: .poll, policy: .report) }

    /// Starts a call on a blocking thread, which returns `result` once the gate is open.
    func startCall(_ gate: Gate, result: Int = 7, policy: CancelPolicy = .abandon) -> StartedOperation {
        start(
            ControlBlock(), kind: .metadata, route: .blockingWork, policy: policy,
            memory: gate.work(result: result))
    }

    // MARK: The kernel's side

    /// The numbers of the operations that the kernel has accepted, in order.
    var submitted: [Int] { kernel.submissions.map(\.number) }

    func complete(_ number: Int, _ result: Int? = nil) throws {
        let submission = try #require(kernel.inFlight.first { $0.number == number })
        kernel.complete(submission, result)
    }

    /// Waits until the loop sleeps without a limit, which it does after about a tenth of a second of idleness.
    func waitUntilLoopSleeps(_ location: SourceLocation = #_sourceLocation) async throws {
        #expect(
            await eventually { self.engine.loops[0].core.withLock { $0.loopSleepsWithoutLimit } },
            sourceLocation: location)
    }

    // MARK: Checking

    var counters: EngineCounters { engine.counters }

    /// Checks what must hold at any moment.
    func check(_ location: SourceLocation = #_sourceLocation) {
        let counters = engine.counters
        #expect(
            counters.submitted + counters.inline == counters.completed + counters.inFlight, sourceLocation: location)
        #expect(engine.violation() == nil, sourceLocation: location)
        #expect(kernel.misuse == [], sourceLocation: location)
    }

    /// Closes the engine and checks that each operation completed exactly once, that none is left, and that the
    /// kernel was used correctly and destroyed once, with nothing in flight.
    func finish(_ location: SourceLocation = #_sourceLocation) async throws {
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
        check(location)
        let counters = engine.counters
        #expect((counters.inFlight, counters.pending) == (0, 0), sourceLocation: location)
        for operation in started.withLock({ $0 }) {
            #expect(operation.outcomes.count == 1, "completed with \(operation.outcomes)", sourceLocation: location)
        }
        #expect(kernel.destroyCount == 1, sourceLocation: location)
        #expect(kernel.inFlightAtDestroy == 0, sourceLocation: location)
    }
}

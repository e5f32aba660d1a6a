import Synchronization
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// The jobs of several loops at their end.
@Suite struct ExecutorEndTests {
    /// Loops that end with jobs of their own, all at about the same time: each job goes on elsewhere.
    @Test func noJobIsLostWhereLoopsEndTogether() async throws {
        let (rounds, tasks) = (20, 500)
        for _ in 0..<rounds {
            let context = try AIOContext(AIOContext.Configuration(queueDepth: 8, loops: 3, name: "ending"))
            let (isOver, ended) = (Switch(), Monitor(0))
            for _ in 0..<tasks {
                Task(executorPreference: context.executor) {
                    while !isOver.isOn { await Task.yield() }
                    ended.withLock { $0 += 1 }
                }
            }
            try await context.shutdown()
            isOver.turnOn()
            try await ended.wait(for: "all tasks to end", seconds: 30) { $0 == tasks ? () : nil }
        }
    }

    /// Where the system has a thread for the first loop and none for the second, the first one ends again: what it asks for
    /// jobs is there until then.
    @Test func jobsOutliveTheLoopsOfAnEngineThatCouldNotBeMade() async throws {
        let (threads, kernels) = (HeldThreads(1), try (0..<2).map { _ in try ScriptedKernel() })
        weak var jobs: ExecutorJobs?
        do {
            let made = ExecutorJobs(loops: 2)
            jobs = made
            var configuration = Engine.Configuration()
            configuration.loops = 2
            #expect(throws: (any Error).self) {
                try Engine(
                    configuration, clients: made.queues, kernels: kernels,
                    host: Host(clock: Host.live.clock, threads: threads, calls: Host.live.calls))
            }
        }
        // The thread of the first loop is about to begin.
        try #require(jobs != nil)
        threads.letGo()
        for kernel in kernels { try await kernel.waitUntilDestroyed() }
        #expect(await eventually { jobs == nil })
    }
}

/// Threads of which the system has only so many, and that begin when they are let go.
private final class HeldThreads: ThreadProvider {
    private let live = Host.live.threads
    private let left: Atomic<Int>
    private let mayBegin = Monitor(false)

    init(_ count: Int) { left = Atomic(count) }

    func letGo() { mayBegin.withLock { $0 = true } }

    func start(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> ThreadHandle? {
        guard left.subtract(1, ordering: .relaxed).oldValue > 0 else { return nil }
        let mayBegin = mayBegin
        return live.start(name: name, detached: detached) {
            guard (try? mayBegin.wait(for: "the thread to be let go") { $0 ? () : nil }) != nil else { return }
            body()
        }
    }

    func join(_ thread: ThreadHandle) { live.join(thread) }
    func runInBackground(_ work: @escaping @Sendable () -> Void) { live.runInBackground(work) }
    func makeMonitor() -> any ThreadMonitor { live.makeMonitor() }
}

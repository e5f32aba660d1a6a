import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// An engine of several loops.
@Suite struct SeveralLoopsTests {
    @Test func eachLoopHasAKernelAndIDsOfItsOwn() async throws {
        let rig = try LoopsRig(loops: 3)
        let all = (0..<3).map { rig.start(10 + $0, on: $0) }
        for loop in 0..<3 {
            #expect(rig.kernels[loop].submissions.map(\.number) == [10 + loop])
            #expect(all[loop].id == OperationID(index: 0, generation: 0, loop: UInt16(loop)))
        }
        #expect(rig.engine.live == 3)
        for kernel in rig.kernels { kernel.completeAll() }
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect((rig.engine.counters.submitted, rig.engine.counters.bytesRead) == (3, 3 * 512))
    }

    @Test func aCancellationFindsTheLoopByTheID() async throws {
        let rig = try LoopsRig()
        let polls = (0..<2).map { loop in
            rig.start(Operation(.poll(0), kind: .poll, route: .kernel, policy: .report), on: loop)
        }
        rig.engine.cancel(try #require(polls[1].id))
        #expect(try await polls[1].outcome() == .cancelled)
        #expect(polls[0].outcomes == [])
        #expect(rig.kernels.map(\.cancelCalls.count) == [0, 1])
        rig.engine.cancel(try #require(polls[0].id))
        #expect(try await polls[0].outcome() == .cancelled)
        try await rig.finish()
    }

    /// The limit of pending operations holds over all loops, to the one.
    @Test func theLoopsShareTheLimitOfPendingOperations() async throws {
        let rig = try LoopsRig(depth: 1, maximumPending: 2)
        var all = [0, 0, 1, 1].enumerated().map { rig.start($0.offset, on: $0.element) }
        #expect(all.allSatisfy { $0.outcomes == [] })
        // Each loop holds its permit and has one pending.
        #expect([0, 1].map { rig.start(90, on: $0).outcomes } == [[.overloaded], [.overloaded]])
        rig.kernels[0].completeAll()
        try await rig.kernels[0].waitUntilSubmitted(2)
        // The one that got the permit counts no more.
        all.append(rig.start(4, on: 1))
        #expect(all[4].outcomes == [])
        #expect(rig.start(91, on: 1).outcomes == [.overloaded])
        rig.engine.cancel(try #require(all[4].id))
        all.append(rig.start(5, on: 0))
        #expect(all[5].outcomes == [])
        for kernel in rig.kernels { kernel.setMode(.automatic) }
        for kernel in rig.kernels { kernel.completeAll() }
        for one in all { _ = try await one.outcome() }
        try await rig.finish()
        #expect(rig.engine.counters.overloaded == 3)
    }

    /// A thread that another loop has taken is not there for this one's operations to start at once.
    @Test func theLoopsShareTheBlockingThreads() async throws {
        let rig = try LoopsRig(maximumPending: 0, blockingThreads: 1)
        let gate = Gate()
        func call(on loop: Int) -> StartedOperation {
            rig.start(
                Operation(
                    ControlBlock(), kind: .metadata, route: .blockingWork, policy: .abandon,
                    memory: .passUnretained(gate.work(result: 7))), on: loop)
        }
        let first = call(on: 0)
        try await gate.waitUntilEntered()
        #expect(call(on: 1).outcomes == [.overloaded])
        gate.open()
        #expect(try await first.outcome() == Outcome(7))
        #expect(try await call(on: 1).outcome() == Outcome(7))
        try await rig.finish()
    }

    /// Work of all loops is done by one pool, in the order in which it came.
    @Test func thePoolServesTheLoopsInTurn() async throws {
        let rig = try LoopsRig(blockingThreads: 1)
        let (gate, order) = (Gate(), Monitor<[Int]>([]))
        let held = rig.start(
            Operation(
                ControlBlock(), kind: .metadata, route: .blockingWork, policy: .abandon,
                memory: .passUnretained(gate.work(result: 0))), on: 0)
        try await gate.waitUntilEntered()
        let works = (0..<6).map { number in
            BlockingWork {
                order.withLock { $0.append(number) }
                return number
            }
        }
        let all = works.enumerated().map { number, work in
            rig.start(
                Operation(
                    ControlBlock(), kind: .metadata, route: .blockingWork, policy: .abandon,
                    memory: .passUnretained(work)), on: number % 2)
        }
        gate.open()
        #expect(try await held.outcome() == Outcome(0))
        for (number, one) in all.enumerated() { #expect(try await one.outcome() == Outcome(number)) }
        #expect(order.withLock { $0 } == Array(0..<6))
        withExtendedLifetime(works) {}
        try await rig.finish()
    }

    @Test func theLoopsEndTogether() async throws {
        let rig = try LoopsRig()
        let one = rig.start(1, on: 1)
        let isOver = Flag()
        rig.engine.close { isOver.raise() }
        #expect(await eventually { rig.engine.loops[0].isFinished })
        #expect(!isOver.isRaised)
        #expect(rig.kernels.map(\.destroyCount) == [0, 0])
        rig.kernels[1].completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await isOver.wait(for: "the engine to end")
        #expect(rig.kernels.map(\.destroyCount) == [1, 1])
    }

    /// What another loop's thread does for one that is caught in a job.
    @Test func anIdleLoopStandsInForOneThatIsCaught() async throws {
        let (gate, busy) = (Monitor(false), Monitor(false))
        let caught = JobClient {
            busy.withLock { $0 = true }
            _ = try? gate.wait(for: "the job to be let go") { $0 ? () : nil }
        }
        let rig = try LoopsRig(depth: 2, clients: [caught, JobClient {}])
        let waiter = ScannedWaiter()
        let first = (0..<3).map { rig.start($0, on: 0, waiter: $0 == 2 ? waiter.waiter : .none) }
        caught.isReady.store(true, ordering: .releasing)
        rig.engine.wakeLoop(0)
        try await busy.wait(for: "the job to begin") { $0 ? () : nil }
        // Its completions are reaped and its queue is submitted, and not by its own thread.
        rig.kernels[0].complete(rig.kernels[0].submissions[0])
        #expect(try await first[0].outcome() == Outcome(512))
        try await rig.kernels[0].waitUntilSubmitted(3)
        // Its cancelled waiters are found.
        waiter.cancel()
        #expect(try await first[2].outcome() == .cancelled)
        #expect(gate.withLock { $0 } == false)
        gate.withLock { $0 = true }
        rig.kernels[0].completeAll()
        #expect(try await first[1].outcome() == Outcome(512))
        withExtendedLifetime(waiter) {}
        try await rig.finish()
    }

    /// A loop that has nothing of its own does not end before the others: it may have to stand in for one.
    @Test func anIdleLoopStandsInAfterTheClosing() async throws {
        let (gate, busy) = (Monitor(false), Monitor(false))
        let caught = JobClient {
            busy.withLock { $0 = true }
            _ = try? gate.wait(for: "the job to be let go") { $0 ? () : nil }
        }
        let rig = try LoopsRig(clients: [caught, JobClient {}])
        let one = rig.start(1, on: 0)
        caught.isReady.store(true, ordering: .releasing)
        rig.engine.wakeLoop(0)
        try await busy.wait(for: "the job to begin") { $0 ? () : nil }
        let isOver = Flag()
        rig.engine.close { isOver.raise() }
        rig.kernels[0].completeAll()
        #expect(try await one.outcome() == Outcome(512))
        #expect(!isOver.isRaised)
        gate.withLock { $0 = true }
        try await isOver.wait(for: "the engine to end")
        rig.check()
    }

    @Test func aFileForAppendingKeepsToOneLoop() async throws {
        let rig = try LoopsRig(loops: 3, mode: .automatic)
        let lease = DescriptorLease(7, ownsDescriptor: false, keepsToOneLoop: true)
        var all: [StartedOperation] = []
        for _ in 0..<200 {
            let one = StartedOperation()
            all.append(one)
            rig.engine.start(
                Operation(
                    .numbered(1), kind: .write, route: .kernel, policy: .report, lease: .passUnretained(lease)),
                then: one.completion)
        }
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        #expect(rig.kernels.map(\.submissions.count) == [0, 200, 0])
        try await rig.finish()
    }

    @Test func aThreadThatCannotBeStartedEndsTheOthersAgain() async throws {
        let threads = ScarceThreads(1)
        let kernels = try (0..<3).map { _ in try ScriptedKernel() }
        var configuration = Engine.Configuration()
        configuration.loops = 3
        configuration.prepares = true
        configuration.name = "scarce"
        #expect(throws: KernelError.self) {
            try Engine(
                configuration, kernels: kernels, host: Host(clock: LiveClock(), threads: threads, calls: LiveCalls()))
        }
        for kernel in kernels { try await kernel.waitUntilDestroyed() }
        #expect(await eventually { !ProcessCounters.threadNames().contains { $0.hasPrefix("scarce") } })
    }

    @Test func pinnedLoopsStayOnAProcessorEach() async throws {
        var configuration = Engine.Configuration()
        configuration.loops = Int(caio_available_cores())
        configuration.pinsLoops = true
        configuration.name = "pinned"
        let engine = try Engine(configuration)
        func processors() -> [String] {
            ProcessCounters.threadFields("Cpus_allowed_list", named: "pinned-").sorted()
        }
        #expect(await eventually { Set(processors()).count == configuration.loops })
        #expect(processors().allSatisfy { Int($0) != nil })
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
    }
}

/// A loop client with one job, which runs when it is ready.
private final class JobClient: LoopClient {
    let isReady = Atomic<Bool>(false)
    private let job: @Sendable () -> Void

    init(_ job: @escaping @Sendable () -> Void) { self.job = job }

    var hasJobs: Bool { isReady.load(ordering: .acquiring) }

    func runReady(at now: UInt64, on loop: EngineLoop) -> Bool {
        if isReady.exchange(false, ordering: .acquiringAndReleasing) { job() }
        return false
    }

    func prepareToSleep() -> Bool { !hasJobs }
    func didWake() {}
    func loopEnded() {}
}

/// Threads, of which the system has only so many for loops.
private final class ScarceThreads: ThreadProvider {
    private let live = LiveThreads()
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    func start(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> ThreadHandle? {
        guard left.subtract(1, ordering: .relaxed).oldValue > 0 else { return nil }
        return live.start(name: name, detached: detached, body)
    }

    func join(_ thread: ThreadHandle) { live.join(thread) }
    func runInBackground(_ work: @escaping @Sendable () -> Void) { live.runInBackground(work) }
    func makeMonitor() -> any ThreadMonitor { live.makeMonitor() }
}

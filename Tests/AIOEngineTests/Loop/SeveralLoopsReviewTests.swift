import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Several loops where one of them gets no kernel context, where they watch each other, and where they end.
@Suite struct SeveralLoopsReviewTests {
    /// The kernel context of the first loop is withdrawn, as the second one got none. The first loop's thread must not be in
    /// it, nor read its ring.
    @Test func aContextThatIsWithdrawnHasNoReader() async throws {
        let observed = ObservedKernel(try LiveKernel())
        let scarce = try ScarceKernel(behind: observed)
        var configuration = Engine.Configuration()
        configuration.queueDepth = 4
        configuration.loops = 2
        let engine = try Engine(configuration, kernels: [observed, scarce])
        for _ in 0..<3 {
            let one = StartedOperation()
            engine.start(
                Operation(.numbered(0), kind: .read, route: .kernel, policy: .abandon), then: one.completion)
            #expect(try await one.outcome().refusal != nil)
        }
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
        #expect(observed.errors == [])
    }

    /// Looks at the clock of two loops may come in another order than the scans that follow.
    @Test func aScanOfThePoolWithAnOlderTimeIsNone() async throws {
        let rig = try LoopsRig()
        let now = UInt64.max / 4
        rig.engine.scanPool(at: now, interval: LoopThread.scanInterval)
        rig.engine.scanPool(at: now - 1, interval: LoopThread.scanInterval)
        #expect(rig.engine.lastPoolScan.load(ordering: .relaxed) == now)
        try await rig.finish()
    }

    /// A loop that polls its ring is idle as well.
    @Test func aLoopThatPollsStandsInForOneThatIsCaught() async throws {
        let (gate, busy) = (Flag(), Flag())
        let client = OneJob {
            busy.raise()
            gate.block()
        }
        let rig = try LoopsRig(depth: 2, clients: [client, OneJob {}], polling: 60_000_000_000)
        let one = rig.start(1, on: 0)
        client.isReady.store(true, ordering: .releasing)
        rig.engine.wakeLoop(0)
        try await busy.wait(for: "the job to begin")
        rig.kernels[0].completeAll()
        let inTime = await eventually(within: .seconds(10)) { !one.outcomes.isEmpty }
        #expect(inTime)
        gate.raise()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    /// The operations of a loop that is caught complete also when the others have nothing left and the engine is closed.
    @Test func aLoopStandsInForOneThatIsCaughtAfterTheClosing() async throws {
        let (gate, busy) = (Flag(), Flag())
        let client = OneJob {
            busy.raise()
            gate.block()
        }
        let rig = try LoopsRig(depth: 2, clients: [client, OneJob {}])
        let one = rig.start(1, on: 0)
        client.isReady.store(true, ordering: .releasing)
        rig.engine.wakeLoop(0)
        try await busy.wait(for: "the job to begin")
        rig.engine.close()
        rig.kernels[0].completeAll()
        let inTime = await eventually(within: .seconds(10)) { !one.outcomes.isEmpty }
        #expect(inTime)
        gate.raise()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    /// A loop that begins jobs while another one gives the watch up: either it sees no watcher, and wakes a loop, or the
    /// other one sees its jobs, and goes on watching.
    @Test func theWatchIsNotLostBetweenTwoLoops() async throws {
        let threads = NoThreads()
        var configuration = Engine.Configuration()
        configuration.loops = 2
        let kernels = try (0..<2).map { _ in try ScriptedKernel() }
        let engine = try Engine(
            configuration, kernels: kernels, host: Host(clock: LiveClock(), threads: threads, calls: LiveCalls()))
        let rounds = 30_000
        let (race, activity) = (Race(), engine.loops[0].activity)
        async let beginner: Void = onThread {
            for number in 1...rounds {
                race.waitForRound(number)
                for _ in 0..<(number % 64) { _ = race.begun.load(ordering: .relaxed) }
                activity.beginJobs(at: 1)
                race.sawWatcher.store(engine.watch.hasWatcher, ordering: .relaxed)
                race.begun.store(number, ordering: .releasing)
            }
        }
        let lost = try await onThread {
            var watcher = LoopThread(engine.loops[1], siblings: engine.loops)
            defer { watcher.deallocate() }
            var lost = 0
            for number in 1...rounds {
                activity.endJobs()
                watcher.isWatching = engine.watch.take(1)
                race.round.store(number, ordering: .releasing)
                let watches = watcher.watches()
                race.waitForBegun(number)
                if race.sawWatcher.load(ordering: .relaxed), !watches { lost += 1 }
            }
            return lost
        }
        try await beginner
        #expect(lost == 0)
        activity.endJobs()
        threads.runAll()
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
    }

    /// Threads inherit the processors of the thread that starts them: a blocking thread that a pinned loop calls up must not
    /// stay on the loop's processor.
    @Test func aBlockingThreadOfAPinnedLoopMayRunAnywhere() async throws {
        let (gate, engine) = (Gate(), Monitor<Engine?>(nil))
        let one = StartedOperation()
        let work = gate.work(result: 7)
        let client = OneJob {
            engine.withLock { $0 }?.start(
                Operation(
                    ControlBlock(), kind: .metadata, route: .blockingWork, policy: .abandon,
                    memory: .passUnretained(work)), then: one.completion)
        }
        var configuration = Engine.Configuration()
        configuration.loops = 2
        configuration.pinsLoops = true
        configuration.name = "pins"
        let made = try Engine(configuration, clients: [client, OneJob {}])
        engine.withLock { $0 = made }
        client.isReady.store(true, ordering: .releasing)
        made.wakeLoop(0)
        try await gate.waitUntilEntered()
        let masks = ProcessCounters.threadFields("Cpus_allowed", named: "pins-block")
        let counts = masks.map { $0.reduce(0) { $0 + ($1.hexDigitValue ?? 0).nonzeroBitCount } }
        #expect(counts == [Int(caio_available_cores())])
        gate.open()
        #expect(try await one.outcome() == Outcome(7))
        engine.withLock { $0 = nil }
        let isOver = Flag()
        made.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
    }

    /// The queue of the housekeeping holds closures, and they hold engines and executors.
    @Test func aQueueLetsGoOfWhatWasTaken() {
        var queue = FIFO<Flag>()
        weak var taken: Flag?
        do {
            let flag = Flag()
            taken = flag
            queue.append(flag)
            _ = queue.popFirst()
        }
        #expect(queue.isEmpty)
        #expect(taken == nil)
    }

    /// Nothing is left of an engine after its end.
    @Test func anEngineIsFreedAfterItsEnd() async throws {
        weak var engine: Engine?
        let isOver = Flag()
        do {
            let made = try Engine(Engine.Configuration(), kernels: [try ScriptedKernel()])
            engine = made
            made.close { isOver.raise() }
        }
        try await isOver.wait(for: "the engine to end")
        #expect(await eventually(within: .seconds(5)) { engine == nil })
    }

    /// Nothing is left of an engine whose operations blocking threads did.
    @Test func anEngineOnThreadsIsFreedAfterItsEnd() async throws {
        weak var engine: Engine?
        let isOver = Flag()
        do {
            var configuration = Engine.Configuration()
            configuration.fallsBack = true
            configuration.prepares = true
            let refusal = KernelError(.setup, .resourceTemporarilyUnavailable)
            let made = try Engine(configuration, kernels: [try RefusingKernel([refusal])])
            engine = made
            made.close { isOver.raise() }
        }
        try await isOver.wait(for: "the engine to end")
        #expect(await eventually(within: .seconds(5)) { engine == nil })
    }
}

extension Flag {
    /// Blocks the thread until the flag is raised.
    fileprivate func block() { while !isRaised { usleep(1_000) } }
}

/// Two threads that take turns at beginning.
private final class Race: Sendable {
    let round = Atomic<Int>(0)
    let begun = Atomic<Int>(0)
    let sawWatcher = Atomic<Bool>(false)

    func waitForRound(_ number: Int) { spin { round.load(ordering: .acquiring) >= number } }
    func waitForBegun(_ number: Int) { spin { begun.load(ordering: .acquiring) >= number } }

    private func spin(until condition: () -> Bool) {
        var left = 2_000
        while !condition() {
            left -= 1
            if left < 0 { sched_yield() }
        }
    }
}

/// A loop client with one job, which runs when it is ready.
private final class OneJob: LoopClient {
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

/// A real kernel context, and what its reader saw.
private final class ObservedKernel: KernelInterface {
    private let kernel: LiveKernel
    private struct Seen {
        var sleeps = 0
        var errors: [Int] = []
    }
    private let seen = Monitor(Seen())

    init(_ kernel: LiveKernel) { self.kernel = kernel }

    /// Errors other than EINTR that reaping returned.
    var errors: [Int] { seen.withLock { $0.errors } }

    /// Waits until the loop has begun another sleep.
    func waitForSleep() throws {
        let before = seen.withLock { $0.sleeps }
        wake()
        try seen.wait(for: "the loop's next sleep") { $0.sleeps > before + 1 ? () : nil }
    }

    func prepare(queueDepth: Int) throws(KernelError) { try kernel.prepare(queueDepth: queueDepth) }
    func withdraw() { kernel.withdraw() }
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int { kernel.submit(blocks) }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        noting { kernel.reap(into: events) }
    }
    var eventCount: Int { kernel.eventCount }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        seen.withLock { $0.sleeps += 1 }
        return noting { kernel.reap(into: events, timeoutNanoseconds: timeoutNanoseconds) }
    }
    private func noting(_ reap: () -> Reaping) -> Reaping {
        let reaping = reap()
        if reaping.count < 0, reaping.count != -Int(EINTR) { seen.withLock { $0.errors.append(reaping.count) } }
        return reaping
    }
    func wake() { kernel.wake() }
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { kernel.cancel(block) }
    func destroy() { kernel.destroy() }
}

/// A kernel context that is refused, once the loop of the one before it sleeps again.
private final class ScarceKernel: KernelInterface {
    private let scripted: ScriptedKernel
    private let other: ObservedKernel

    init(behind other: ObservedKernel) throws {
        scripted = try ScriptedKernel()
        self.other = other
    }

    func prepare(queueDepth: Int) throws(KernelError) {
        try? other.waitForSleep()
        throw KernelError(.setup, .resourceTemporarilyUnavailable)
    }
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        scripted.submit(blocks)
    }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping { scripted.reap(into: events) }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        scripted.reap(into: events, timeoutNanoseconds: timeoutNanoseconds)
    }
    func wake() { scripted.wake() }
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { scripted.cancel(block) }
    func destroy() { scripted.destroy() }
}

/// Threads that begin when the test says so.
private final class NoThreads: ThreadProvider {
    private let live = LiveThreads()
    private let mayBegin = Monitor(false)

    func runAll() { mayBegin.withLock { $0 = true } }

    func start(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> ThreadHandle? {
        let mayBegin = mayBegin
        return live.start(name: name, detached: detached) {
            guard (try? mayBegin.wait(for: "the threads to begin") { $0 ? () : nil }) != nil else { return }
            body()
        }
    }
    func join(_ thread: ThreadHandle) { live.join(thread) }
    func runInBackground(_ work: @escaping @Sendable () -> Void) { live.runInBackground(work) }
    func makeMonitor() -> any ThreadMonitor { live.makeMonitor() }
}

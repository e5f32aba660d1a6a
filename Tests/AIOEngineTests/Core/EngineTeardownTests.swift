import AIOKernel
import Glibc
import TestSupport
import Testing

@testable import AIOEngine

/// The teardown of an engine with operations in every state.
@Suite struct EngineTeardownTests {
    /// One operation in each state: in flight (a read, a poll, a write), queued, running on a blocking thread,
    /// waiting for a blocking thread, and waiting for a permit.
    struct Everything {
        let rig: EngineRig
        let (read, poll, write): (StartedOperation, StartedOperation, StartedOperation)
        let (queued, running): (StartedOperation, StartedOperation)
        let (toCall, toSubmit): (StartedOperation, StartedOperation)
        let gate = Gate()

        init() async throws {
            rig = try EngineRig(depth: 3, blockingThreads: 1)
            read = rig.start(.numbered(0))
            poll = rig.startPoll()
            write = rig.start(.numbered(1), kind: .write, policy: .report)
            queued = rig.start(.numbered(2), kind: .write, policy: .report)
            running = rig.startCall(gate, policy: .report)
            try await gate.waitUntilEntered()
            toCall = rig.startCall(gate, policy: .report)
            toSubmit = rig.start(.numbered(3), route: .blockingSubmit, policy: .report)
            rig.check()
        }

        var all: [StartedOperation] { [read, poll, write, queued, running, toCall, toSubmit] }
    }

    @Test func drainingLetsEverythingCompleteAsUsual() async throws {
        let everything = try await Everything()
        let (rig, isOver) = (everything.rig, Flag())
        rig.engine.close { isOver.raise() }
        #expect(rig.start().outcomes == [.shutDown])
        #expect(rig.startTogether(0..<2).map(\.outcomes) == [[.shutDown], [.shutDown]])
        #expect(everything.all.allSatisfy { $0.outcomes.isEmpty })
        rig.check()
        rig.kernel.setMode(.automatic)
        everything.gate.open()
        rig.kernel.completeAll()
        try await isOver.wait(for: "the engine to end")
        let expected = [512, 0, 512, 512, 7, 7, 512].map { [Outcome($0)] }
        #expect(everything.all.map(\.outcomes) == expected)
        try await rig.finish()
        #expect(rig.kernel.cancelCalls.isEmpty)
    }

    @Test func cancellingCompletesWhatCanBeCancelledAndWaitsForTheRest() async throws {
        let everything = try await Everything()
        let (rig, isOver) = (everything.rig, Flag())
        rig.engine.close(cancelling: true) { isOver.raise() }
        for one in [everything.read, everything.queued, everything.toCall, everything.toSubmit] {
            #expect(one.outcomes == [.shutDown])
        }
        #expect(try await everything.poll.outcome() == .shutDown)
        // Their effects are or may be in the file, so they are waited for.
        #expect(everything.write.outcomes == [])
        #expect(everything.running.outcomes == [])
        #expect(!isOver.isRaised)
        rig.check()
        rig.kernel.completeAll()
        #expect(try await everything.write.outcome() == Outcome(512))
        #expect(!isOver.isRaised)
        everything.gate.open()
        try await isOver.wait(for: "the engine to end")
        #expect(everything.running.outcomes == [Outcome(7)])
        try await rig.finish()
        #expect(rig.submitted.filter { $0 > 1 } == [])
    }

    @Test func drainingCanBecomeCancelling() async throws {
        let everything = try await Everything()
        let (rig, drained, cancelled) = (everything.rig, Flag(), Flag())
        rig.engine.close { drained.raise() }
        #expect(everything.queued.outcomes == [])
        rig.engine.close(cancelling: true) { cancelled.raise() }
        #expect(everything.queued.outcomes == [.shutDown])
        // A later drain does not undo it.
        rig.engine.close()
        everything.gate.open()
        rig.kernel.completeAll()
        try await drained.wait(for: "the engine to end")
        try await cancelled.wait(for: "the engine to end")
        try await rig.finish()
    }

    @Test func aReadIntoTheCallersMemoryIsWaitedForAndThenReportsTheShutdown() async throws {
        let rig = try EngineRig()
        let one = rig.start(policy: .waitThenCancel)
        rig.engine.close(cancelling: true)
        #expect(one.outcomes == [])
        rig.kernel.completeAll()
        #expect(try await one.outcome() == .shutDown)
        try await rig.finish()
    }

    @Test func anAbandonedOperationKeepsTheEngineUntilItsEvent() async throws {
        let rig = try EngineRig()
        let one = rig.start()
        rig.engine.cancel(try #require(one.id))
        let isOver = Flag()
        rig.engine.close(cancelling: true) { isOver.raise() }
        try await rig.kernel.waitUntilWaiting()
        #expect(!isOver.isRaised)
        #expect(rig.kernel.destroyCount == 0)
        rig.kernel.completeAll()
        try await isOver.wait(for: "the engine to end")
        try await rig.finish()
    }

    @Test func everyCallersCallbackIsCalledOnceTheEngineHasEnded() async throws {
        let rig = try EngineRig()
        let one = rig.start()
        let calls = Monitor(0)
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    rig.engine.close(cancelling: number % 5 == 4) { calls.withLock { $0 += 1 } }
                }
            }
            try await group.waitForAll()
        }
        #expect(calls.withLock { $0 } == 0)
        rig.kernel.completeAll()
        try await calls.wait(for: "all callbacks") { $0 == 20 ? () : nil }
        // A close after the end calls back at once.
        rig.engine.close { calls.withLock { $0 += 1 } }
        #expect(calls.withLock { $0 } == 21)
        #expect(one.outcomes.count == 1)
        try await rig.finish()
    }

    @Test func anIdleEngineWhoseLoopSleepsWithoutLimitEnds() async throws {
        let rig = try EngineRig()
        try await rig.waitUntilLoopSleeps()
        try await rig.finish()
    }

    @Test func anEngineThatPollsEnds() async throws {
        let rig = try EngineRig(polling: 3_600_000_000_000)
        try await rig.finish()
    }

    @Test func anEngineThatHasEndedIsDeallocated() async throws {
        weak var engine: Engine?
        do {
            let rig = try EngineRig(mode: .automatic)
            engine = rig.engine
            #expect(try await rig.start().outcome() == Outcome(512))
            try await rig.finish()
        }
        #expect(await eventually { engine == nil })
    }

    /// A client that always has work must not keep the engine from ending.
    @Test func aClientThatIsAlwaysBusyDoesNotHoldUpTeardown() async throws {
        let client = BusyClient()
        let rig = try EngineRig(client: client)
        let one = rig.start()
        try await client.iterations.wait(for: "the client to run") { $0 > 3 ? () : nil }
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
        #expect(client.hasEnded.isRaised)
    }
}

/// A loop client that always has more to run.
private final class BusyClient: LoopClient {
    let iterations = Monitor(0)
    let hasEnded = Flag()

    func runReady(at now: UInt64, on loop: EngineLoop) -> Bool {
        iterations.withLock { $0 += 1 }
        return true
    }
    func prepareToSleep() -> Bool { false }
    func didWake() {}
    func loopEnded() { hasEnded.raise() }
}

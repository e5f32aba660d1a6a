import AIOKernel
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Cancellation by name, in every state an operation can be in.
@Suite struct EngineCancellationTests {
    static let policies: [CancelPolicy] = [.abandon, .waitThenCancel, .report]

    @Test(arguments: policies) func whatIsQueuedNeverReachesTheKernel(policy: CancelPolicy) async throws {
        let rig = try EngineRig(depth: 1)
        let first = rig.start(.numbered(0))
        let queued = rig.start(.numbered(1), policy: policy)
        let last = rig.start(.numbered(2))
        rig.engine.cancel(try #require(queued.id))
        #expect(queued.outcomes == [.cancelled])
        rig.check()
        try rig.complete(0)
        try await rig.kernel.waitUntilSubmitted(2)
        try rig.complete(2)
        for one in [first, last] { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect(rig.submitted == [0, 2])
        #expect(rig.kernel.cancelRequests.isEmpty)
        #expect(rig.counters.cancelledBeforeSubmission == 1)
        #expect(rig.counters.submitted == 2)
    }

    @Test func aPollIsCancelledByTheKernel() async throws {
        let rig = try EngineRig()
        rig.kernel.answerCancellations(.cancelLater)
        let one = rig.startPoll()
        rig.engine.cancel(try #require(one.id))
        // Only its event ends it: until then the kernel has it.
        #expect(one.outcomes == [])
        #expect(rig.counters.inFlight == 1)
        rig.check()
        rig.kernel.completeAll(0)
        #expect(try await one.outcome() == .cancelled)
        try await rig.finish()
        #expect((rig.counters.cancelledByKernel, rig.counters.completed) == (1, 1))
    }

    /// io_cancel finds nothing, as the submitter is still on its way: it has to be asked again.
    @Test func aPollCancelledBeforeItReachedTheKernelIsCancelledThere() async throws {
        let rig = try EngineRig()
        try await sleepsDeeply(rig)
        let gate = ScriptedKernel.Gate()
        rig.kernel.answerSubmissions(.hang(gate))
        async let started = onThread { rig.startPoll() }
        #expect(await eventually { rig.counters.inFlight == 1 })
        rig.engine.cancel(OperationID(index: 0, generation: 0))
        try await rig.kernel.waitUntilCancelAsked(2)
        gate.open()
        #expect(try await started.outcome() == .cancelled)
        try await rig.finish()
        #expect(rig.counters.cancelledByKernel == 1)
    }

    @Test func aPollThatWasReadyFirstTellsOfIt() async throws {
        let rig = try EngineRig()
        rig.kernel.answerCancellations(.refuse(.invalidArgument))
        let one = rig.startPoll()
        rig.engine.cancel(try #require(one.id))
        rig.kernel.completeAll(Int(POLLIN))
        let outcome = try await one.outcome()
        // Asked again it may have been cancelled before the event was posted; never both.
        #expect(outcome == Outcome(Int(POLLIN)) || outcome == .cancelled)
        try await rig.finish()
    }

    @Test func aReadWithMemoryOfItsOwnIsLeftAtOnce() async throws {
        let rig = try EngineRig()
        let one = rig.start(policy: .abandon)
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [.cancelled])
        #expect((rig.counters.abandoned, rig.counters.inFlight) == (1, 1))
        rig.check()
        rig.kernel.completeAll()
        try await rig.finish()
        #expect(rig.counters.bytesRead == 512)
    }

    @Test func aReadIntoTheCallersMemoryWaitsAndEndsCancelled() async throws {
        let rig = try EngineRig()
        let one = rig.start(policy: .waitThenCancel)
        rig.engine.cancel(try #require(one.id))
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [])
        #expect(rig.kernel.cancelRequests.count == 1)
        rig.kernel.completeAll()
        #expect(try await one.outcome() == .cancelled)
        try await rig.finish()
    }

    @Test(arguments: [OperationKind.write, .synchronize], [100, -Int(EIO)])
    func whatIsWrittenIsReportedAsItHappened(kind: OperationKind, result: Int) async throws {
        let rig = try EngineRig()
        let one = rig.start(kind: kind, policy: .report)
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [])
        rig.kernel.completeAll(result)
        #expect(try await one.outcome() == Outcome(result))
        try await rig.finish()
    }

    @Test(arguments: policies) func whatWaitsForALaneThreadIsNeverRun(policy: CancelPolicy) async throws {
        let rig = try EngineRig(blockingThreads: 1)
        let (busy, never) = (Gate(), Gate())
        let first = rig.startCall(busy)
        try await busy.waitUntilEntered()
        let waiting = rig.startCall(never, policy: policy)
        rig.engine.cancel(try #require(waiting.id))
        #expect(waiting.outcomes == [.cancelled])
        rig.check()
        busy.open()
        #expect(try await first.outcome() == Outcome(7))
        try await rig.finish()
        #expect(never.entered.withLock { $0 } == 0)
        #expect((rig.counters.inline, rig.counters.cancelledBeforeSubmission) == (1, 1))
    }

    @Test(arguments: policies) func whatWaitsOnTheLaneForAPlaceIsNeverSubmitted(policy: CancelPolicy) async throws {
        let rig = try EngineRig(depth: 1)
        let holder = rig.start(.numbered(0))
        let waiting = rig.start(.numbered(1), route: .blockingSubmit, policy: policy)
        rig.engine.cancel(try #require(waiting.id))
        #expect(waiting.outcomes == [.cancelled])
        rig.check()
        rig.kernel.completeAll()
        #expect(try await holder.outcome() == Outcome(512))
        try await rig.finish()
        #expect(rig.submitted == [0])
    }

    @Test(arguments: zip(policies, [Outcome.cancelled, .cancelled, Outcome(7)]))
    func aCallThatALaneThreadMakesIsLeftOrWaitedFor(policy: CancelPolicy, expected: Outcome) async throws {
        let rig = try EngineRig(blockingThreads: 1)
        let gate = Gate()
        let one = rig.startCall(gate, policy: policy)
        try await gate.waitUntilEntered()
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == (policy == .abandon ? [.cancelled] : []))
        rig.check()
        gate.open()
        #expect(try await one.outcome() == expected)
        try await rig.finish()
        #expect(rig.kernel.cancelRequests.isEmpty)
    }

    /// The kernel gave it back undone and it waits for a lane thread: even a write is not done then.
    @Test(arguments: policies) func whatTheKernelGaveBackIsNotDone(policy: CancelPolicy) async throws {
        let rig = try EngineRig(blockingThreads: 1)
        let busy = Gate()
        let call = rig.startCall(busy)
        try await busy.waitUntilEntered()
        let one = rig.start(kind: .write, route: .kernelUnlessBlocking, policy: policy)
        rig.kernel.completeAll(-Int(EAGAIN))
        #expect(await eventually { rig.counters.noWaitRefusals == 1 })
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [.cancelled])
        rig.check()
        busy.open()
        #expect(try await call.outcome() == Outcome(7))
        try await rig.finish()
        #expect(rig.kernel.submissions.count == 1)
        #expect((rig.counters.submitted, rig.counters.inline, rig.counters.completed) == (1, 1, 2))
    }

    /// Cancelled while the kernel had it, and then given back undone: it is not started again.
    @Test(arguments: zip(policies, [1, 1, 1])) func whatIsGivenBackAfterItsCancellationEnds(
        policy: CancelPolicy, submissions: Int
    ) async throws {
        let rig = try EngineRig()
        let one = rig.start(kind: .write, route: .kernelUnlessBlocking, policy: policy)
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == (policy == .abandon ? [.cancelled] : []))
        rig.kernel.completeAll(-Int(EAGAIN))
        #expect(try await one.outcome() == .cancelled)
        try await rig.finish()
        #expect(rig.kernel.submissions.count == submissions)
    }

    /// Cancelled between the queue and the kernel, which then has no room: it does not go there again.
    @Test(arguments: policies) func whatFindsNoRoomAfterItsCancellationEnds(policy: CancelPolicy) async throws {
        let rig = try EngineRig()
        let gate = ScriptedKernel.Gate()
        rig.kernel.answerSubmissions(.hang(gate))
        rig.kernel.refuse { _ in .resourceTemporarilyUnavailable }
        async let started = onThread { rig.start(policy: policy) }
        #expect(await eventually { rig.counters.inFlight == 1 })
        rig.engine.cancel(OperationID(index: 0, generation: 0))
        gate.open()
        #expect(try await started.outcome() == .cancelled)
        #expect(await eventually { rig.counters.pending == 0 })
        try await rig.finish()
        #expect(rig.kernel.submissions.isEmpty)
    }

    @Test func whatHasEndedIsLeftAlone() async throws {
        let rig = try EngineRig()
        let one = rig.start(.numbered(0))
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        let next = rig.start(.numbered(1), policy: .report)
        #expect(next.id?.index == one.id?.index)
        rig.engine.cancel(try #require(one.id))
        #expect(rig.kernel.cancelRequests.isEmpty)
        rig.kernel.completeAll()
        #expect(try await next.outcome() == Outcome(512))
        try await rig.finish()
    }
}

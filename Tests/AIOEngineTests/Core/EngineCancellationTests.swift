import AIOKernel
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Cancellation by ID, in every state of an operation.
@Suite struct EngineCancellationTests {
    static let policies: [CancelPolicy] = [.abandon, .waitThenCancel, .report]

    @Test(arguments: policies) func aCancelledQueuedOperationNeverReachesTheKernel(policy: CancelPolicy) async throws {
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
        #expect(rig.kernel.cancelCalls.isEmpty)
        #expect(rig.counters.cancelledBeforeSubmission == 1)
        #expect(rig.counters.submitted == 2)
    }

    @Test func aPollIsCancelledByTheKernel() async throws {
        let rig = try EngineRig()
        rig.kernel.scriptCancellations(.cancelLater)
        let one = rig.startPoll()
        rig.engine.cancel(try #require(one.id))
        // Only its event completes it: until then it is in flight.
        #expect(one.outcomes == [])
        #expect(rig.counters.inFlight == 1)
        rig.check()
        rig.kernel.completeAll(0)
        #expect(try await one.outcome() == .cancelled)
        try await rig.finish()
        #expect((rig.counters.cancelledByKernel, rig.counters.completed) == (1, 1))
    }

    /// The first io_cancel finds nothing, as io_submit has not returned yet: it has to be called again.
    @Test func aPollCancelledBeforeItReachedTheKernelIsCancelledThere() async throws {
        let rig = try EngineRig()
        try await rig.waitUntilLoopSleeps()
        let gate = ScriptedKernel.Gate()
        rig.kernel.scriptSubmissions(.hang(gate))
        async let started = onThread { rig.startPoll() }
        #expect(await eventually { rig.counters.inFlight == 1 })
        rig.engine.cancel(OperationID(index: 0, generation: 0))
        try await rig.kernel.waitUntilCancelCalled(2)
        gate.open()
        #expect(try await started.outcome() == .cancelled)
        try await rig.finish()
        #expect(rig.counters.cancelledByKernel == 1)
    }

    @Test func aPollThatIsReadyBeforeItsCancellationReportsItsEvents() async throws {
        let rig = try EngineRig()
        rig.kernel.scriptCancellations(.refuse(.invalidArgument))
        let one = rig.startPoll()
        rig.engine.cancel(try #require(one.id))
        rig.kernel.completeAll(Int(POLLIN))
        let outcome = try await one.outcome()
        // The second io_cancel may have cancelled it before the event was posted; it is never both.
        #expect(outcome == Outcome(Int(POLLIN)) || outcome == .cancelled)
        try await rig.finish()
    }

    @Test func aReadIntoTheEnginesMemoryIsAbandonedAtOnce() async throws {
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

    @Test func aReadIntoTheCallersMemoryWaitsAndThenReportsItsCancellation() async throws {
        let rig = try EngineRig()
        let one = rig.start(policy: .waitThenCancel)
        rig.engine.cancel(try #require(one.id))
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [])
        #expect(rig.kernel.cancelCalls.count == 1)
        rig.kernel.completeAll()
        #expect(try await one.outcome() == .cancelled)
        try await rig.finish()
    }

    @Test(arguments: [OperationKind.write, .synchronize], [100, -Int(EIO)])
    func aCancelledWriteReportsItsRealResult(kind: OperationKind, result: Int) async throws {
        let rig = try EngineRig()
        let one = rig.start(kind: kind, policy: .report)
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [])
        rig.kernel.completeAll(result)
        #expect(try await one.outcome() == Outcome(result))
        try await rig.finish()
    }

    @Test(arguments: policies) func aCancelledCallInThePoolsQueueIsNeverRun(policy: CancelPolicy) async throws {
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

    @Test(arguments: policies) func whatIsCancelledAwaitingAPermitIsNeverSubmitted(policy: CancelPolicy) async throws {
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
    func aCancelledRunningCallIsAbandonedOrWaitedFor(policy: CancelPolicy, expected: Outcome) async throws {
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
        #expect(rig.kernel.cancelCalls.isEmpty)
    }

    /// The kernel refused it undone and it waits for a blocking thread: even a write is not done then.
    @Test(arguments: policies) func aCancelledOperationThatTheKernelRefusedIsNotDone(policy: CancelPolicy) async throws
    {
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

    /// Cancelled while in flight, and then refused undone: it is not submitted again.
    @Test(arguments: zip(policies, [1, 1, 1])) func whatIsRefusedAfterItsCancellationIsNotResubmitted(
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

    /// Cancelled while in io_submit, which then finds no room in the kernel: it is not submitted again.
    @Test(arguments: policies) func whatFindsNoRoomAfterItsCancellationIsNotResubmitted(policy: CancelPolicy)
        async throws
    {
        let rig = try EngineRig()
        let gate = ScriptedKernel.Gate()
        rig.kernel.scriptSubmissions(.hang(gate))
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

    @Test func cancellingACompletedOperationDoesNotReachTheSlotsNextUser() async throws {
        let rig = try EngineRig()
        let one = rig.start(.numbered(0))
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        let next = rig.start(.numbered(1), policy: .report)
        #expect(next.id?.index == one.id?.index)
        rig.engine.cancel(try #require(one.id))
        #expect(rig.kernel.cancelCalls.isEmpty)
        rig.kernel.completeAll()
        #expect(try await next.outcome() == Outcome(512))
        try await rig.finish()
    }
}

import AIOKernel
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// What a loop's lock guards, without the loop.
@Suite struct LoopCoreTests {
    /// A batch that the kernel had no room for gives its permits back: to an operation for which a blocking thread came, and
    /// went as there was no permit.
    @Test func aRequeuedBatchsPermitsCallAThread() {
        var core = TestedCore(depth: 1)
        core.admit(.numbered(0), .kernel)
        #expect(core.dequeue() == 1)
        core.admit(.numbered(1), .blockingSubmit)
        #expect(core.core.dequeueForPool() == nil)
        let (actions, completions) = core.submitted(1, -Int(EAGAIN))
        #expect(actions.demand.dedicated >= 1)
        #expect(completions == [])
        #expect(core.core.dequeueForPool() != nil)
    }

    /// A poll that was on its way to a kernel without room completes for the reason that it was cancelled for.
    @Test(arguments: [OperationLedger.CancellationReason.cancelled, .shutDown])
    func aPollThatCameBackCompletesForItsReason(_ reason: OperationLedger.CancellationReason) throws {
        var core = TestedCore(depth: 1)
        let id = core.admit(.poll(0), .kernel, kind: .poll)
        #expect(core.dequeue() == 1)
        let kernel = try ScriptedKernel()
        kernel.scriptCancellations(.refuse(.invalidArgument))
        let atOnce = core.core.cancel(id, reason, by: kernel)
        #expect(atOnce == nil)
        let (_, completions) = core.submitted(1, -Int(EAGAIN))
        #expect(completions == [reason == .shutDown ? .shutDown : .cancelled])
    }
}

/// A loop's core with its slots and the batch of its submitter.
private struct TestedCore: ~Copyable {
    var core: LoopCore
    private let batch = LoopCore.Blocks.allocate(capacity: 8)
    private let slots = SlotTable()

    init(depth: Int) {
        var configuration = Engine.Configuration()
        configuration.queueDepth = depth
        core = LoopCore(configuration, loop: 0, slots: slots, load: nil)
    }

    deinit {
        slots.deallocate()
        batch.deallocate()
    }

    @discardableResult
    mutating func admit(_ block: ControlBlock, _ route: Route, kind: OperationKind = .read) -> OperationID {
        let completion = Completion(token: 0) { _, _ in }
        let operation = Operation(block, kind: kind, route: route, policy: .report)
        guard case .admitted(let id) = core.admit(operation, for: .none, completion, at: 0) else {
            preconditionFailure("an operation is refused")
        }
        _ = core.actions(afterAdmitting: .immediate)
        return id
    }

    mutating func dequeue() -> Int { core.dequeueBatchOrStop(into: batch) }

    /// - Returns: what follows, and the outcomes of what has completed.
    mutating func submitted(_ count: Int, _ result: Int) -> (LoopCore.Actions, [Outcome]) {
        var completions: [PendingCompletion] = []
        let (_, actions) = core.submitted(batch, count, result: result, at: 0, isLast: false, &completions)
        return (
            actions,
            completions.compactMap { if case .resume(_, let outcome) = $0 { outcome } else { nil } }
        )
    }
}

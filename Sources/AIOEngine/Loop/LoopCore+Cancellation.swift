internal import AIOKernel
internal import SystemPackage

extension LoopCore {
    /// Cancels an operation as far as that goes now.
    ///
    /// - Returns: the completion that follows at once, if one does.
    mutating func cancel(
        _ id: OperationID, _ reason: OperationLedger.CancellationReason, by kernel: any KernelInterface
    ) -> PendingCompletion? {
        guard ledger.isCurrent(id) else { return nil }
        let decision =
            switch ledger.cancel(id, policy: slots[id.index].pointee.policy, reason) {
            case .decided(let decision): decision
            case .kernelDecides: cancel(id, reason, inKernel: kernel)
            }
        let outcome: Outcome = reason == .shutDown ? .shutDown : .cancelled
        switch decision {
        case .removed(let wasInFlight):
            // What the kernel had and gave back counts as completed, so that the sums come out.
            if wasInFlight { counters.completed += 1 } else { counters.cancelledBeforeSubmission += 1 }
            return .resume(removeSlot(id.index).completion, outcome)
        case .abandoned:
            counters.abandoned += 1
            slots[id.index].pointee.takeOver()
            scanned.remove(id.index)
            return .resume(slots[id.index].pointee.completion, outcome)
        case .waits, .ignored:
            return nil
        }
    }

    /// Tries io_cancel.
    private mutating func cancel(
        _ id: OperationID, _ reason: OperationLedger.CancellationReason, inKernel kernel: any KernelInterface
    ) -> OperationLedger.CancellationDecision {
        // EINPROGRESS is success; the event comes as usual.
        if -kernel.cancel(slots.block(id.index)) == Errno.nowInProgress.rawValue {
            ledger.cancellationGranted(id, reason)
            return .waits
        }
        let slot = slots[id.index]
        let isPoll = slot.pointee.kind == .poll
        if isPoll { uncancelledPolls.insert(id.index) }
        return ledger.cancellationRefused(id, isPoll: isPoll, policy: slot.pointee.policy, reason)
    }

    /// Returns the operation in this slot, if its waiter was cancelled and nothing was done about it yet.
    func cancelledWaiter(
        _ index: UInt32, startedBefore limit: UInt64, _ isCancelled: Waiter.IsCancelled
    ) -> OperationID? {
        let slot = slots[index]
        guard slot.pointee.startedAt <= limit, ledger.cancellationRequest(index) == .none,
            isCancelled(slot.pointee.waiter)
        else { return nil }
        return ledger.id(index)
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization
internal import SystemPackage

extension Engine {
    /// Asks for an operation to end: what was not started never is, what the kernel can cancel it cancels,
    /// and what it cannot is abandoned or waited for (``CancelPolicy``). One that has ended is left alone.
    package func cancel(_ id: OperationID) {
        guard belongsToThisProcess else { return }
        let (finished, duties) = core.withLock { core in
            let finished = core.cancel(id, as: .cancelled, by: kernel)
            return (finished, core.duties(afterCancelling: finished == nil ? 0 : 1))
        }
        perform(duties)
        finished?()
    }

    /// Looks for waiters that have been cancelled, among the operations that are older than `age`.
    ///
    /// In pieces, so that nobody waits long for the lock.
    func cancelUnwanted(olderThan age: UInt64, now: UInt64) {
        guard let isCancelled = configuration.isCancelled else { return }
        var next: UInt32? = 0
        while next != nil {
            var finished: [Finished] = []
            let duties = core.withLock { core in
                var budget = 256
                while budget > 0, let index = next.flatMap(core.watched.next(from:)) {
                    budget -= 1
                    next = index + 1
                    if let id = core.unwanted(index, startedBefore: now &- age, isCancelled),
                        let one = core.cancel(id, as: .cancelled, by: kernel)
                    {
                        finished.append(one)
                    }
                }
                if budget > 0 { next = nil }
                return core.duties(afterCancelling: finished.count)
            }
            perform(duties)
            for one in finished { one() }
        }
    }

    /// Asks again for the polls whose cancellation came before the kernel had them.
    func retryCancellations() {
        var finished: [Finished] = []
        core.withLock { core in
            guard core.retriesCancellation else { return }
            core.retriesCancellation = false
            let wish: OperationLedger.Wish = core.phase == .cancelling ? .shutDown : .cancelled
            for index in 0..<core.ledger.recordCount where core.ledger.wish(UInt32(index)) == .wanted {
                if let one = core.cancel(core.ledger.id(UInt32(index)), as: wish, by: kernel) { finished.append(one) }
            }
        }
        for one in finished { one() }
    }

    /// Everything, as far as it can be.
    func cancelAll(as wish: OperationLedger.Wish) {
        var finished: [Finished] = []
        let duties = core.withLock { core in
            for index in 0..<core.ledger.recordCount where core.ledger.state(UInt32(index)) != .free {
                if let one = core.cancel(core.ledger.id(UInt32(index)), as: wish, by: kernel) { finished.append(one) }
            }
            return core.duties(afterCancelling: finished.count)
        }
        perform(duties)
        for one in finished { one() }
    }
}

extension EngineCore {
    /// Cancels as far as that goes now; what has ended by it is to be told.
    mutating func cancel(
        _ id: OperationID, as wish: OperationLedger.Wish, by kernel: any KernelInterface
    ) -> Finished? {
        guard ledger.isCurrent(id) else { return nil }
        let slot = slots[id.index]
        var decision = ledger.cancel(id, policy: slot.pointee.policy, as: wish)
        if decision == .askKernel {
            // The kernel says EINPROGRESS for what it cancels, and sends the event as usual.
            if -kernel.cancel(slots.block(id.index)) == Errno.nowInProgress.rawValue {
                ledger.kernelCancels(id, as: wish)
                return nil
            }
            let isPoll = slot.pointee.kind == .poll
            decision = ledger.kernelRefuses(id, isPoll: isPoll, policy: slot.pointee.policy, wish: wish)
            if isPoll { retriesCancellation = true }
        }
        let outcome: Outcome = wish == .shutDown ? .shutDown : .cancelled
        switch decision {
        case .removed(let wasInFlight):
            // What the kernel had and gave back counts as completed, so that the sums come out.
            if wasInFlight { counters.completed += 1 } else { counters.cancelledBeforeSubmission += 1 }
            return Finished(takeSlot(id.index).completion, outcome)
        case .abandon:
            counters.abandoned += 1
            slot.pointee.takeOver()
            watched.remove(id.index)
            return Finished(slot.pointee.completion, outcome)
        case .wait, .none, .askKernel:
            return nil
        }
    }

    /// The operation in this record, if its waiter was cancelled and nothing was done about it yet.
    func unwanted(
        _ index: UInt32, startedBefore limit: UInt64, _ isCancelled: Waiter.IsCancelled
    ) -> OperationID? {
        let slot = slots[index]
        guard slot.pointee.startedAt <= limit, ledger.wish(index) == .none, isCancelled(slot.pointee.waiter) else {
            return nil
        }
        return ledger.id(index)
    }

    mutating func duties(afterCancelling count: Int) -> Duties {
        var duties = Duties()
        if count > 0 {
            // A cancelled operation may have been the last, or have held the place that the next one needs.
            duties = self.duties(afterEnding: count, onLoop: false)
        }
        if retriesCancellation, loopSleepsDeeply {
            loopSleepsDeeply = false
            duties.wakes = true
        }
        return duties
    }
}

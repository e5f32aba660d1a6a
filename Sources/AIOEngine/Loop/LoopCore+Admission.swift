internal import AIOKernel

extension LoopCore {
    enum Admission {
        case admitted(OperationID)
        case refused(Outcome)
    }

    /// Admits an operation to the ledger, and fills its slot.
    mutating func admit(
        _ operation: Operation, for waiter: Waiter, _ completion: Completion, at now: UInt64
    ) -> Admission {
        guard phase == .running else { return .refused(.shutDown) }
        let route = isOnThreads ? operation.route.onThreads : operation.route
        let queue = route.queue
        guard startsAtOnce(queue) || mayWait(), let id = ledger.admit(to: queue) else {
            counters.overloaded += 1
            return .refused(.overloaded)
        }
        slots.reserve(id.index)
        slots[id.index].initialize(to: Slot(operation, route, waiter, completion, tag: id.tag, startedAt: now))
        counters.started[Int(operation.kind.rawValue)] += 1
        if waiter.bits != 0 { scanned.insert(id.index) }
        if queue != .kernel { blockingDemand.add(route) }
        return .admitted(id)
    }

    /// Whether nothing is ahead of one more operation, so that it does not count against `maximumPending`.
    private func startsAtOnce(_ queue: OperationLedger.Queue) -> Bool {
        // Only a limit makes a difference.
        guard maximumPending != nil else { return true }
        let threads = blockingThreads - (load?.othersPooled ?? 0)
        return switch queue {
        case .kernel: ledger.hasPermitForKernel
        case .blocking: ledger.hasThreadForPool(of: threads)
        case .permit: ledger.hasThreadForPool(of: threads) && ledger.hasPermitForPool
        }
    }

    /// Whether one more operation may wait, over all loops.
    private mutating func mayWait() -> Bool {
        guard let maximumPending else { return true }
        return load?.reservePending(below: maximumPending) ?? (ledger.pending < maximumPending)
    }
}

internal import AIOKernel

extension EngineCore {
    enum Admission {
        case admitted(OperationID)
        case refused(Outcome)
    }

    /// Admits an operation to the ledger, and fills its slot.
    mutating func admit(
        _ operation: Operation, for waiter: Waiter, _ completion: Completion, at now: UInt64
    ) -> Admission {
        guard phase == .running else { return .refused(.shutDown) }
        let queue = operation.route.queue
        let startsAtOnce =
            switch queue {
            case .kernel: ledger.hasPermitForKernel
            case .blocking: ledger.hasThreadForPool(of: blockingThreads)
            case .permit: ledger.hasThreadForPool(of: blockingThreads) && ledger.hasPermitForPool
            }
        guard case .admitted(let id) = ledger.admit(to: queue, startsAtOnce: startsAtOnce) else {
            counters.overloaded += 1
            return .refused(.overloaded)
        }
        slots.reserve(id.index)
        slots[id.index].initialize(to: Slot(operation, waiter, completion, tag: id.tag, startedAt: now))
        counters.started[Int(operation.kind.rawValue)] += 1
        if waiter.bits != 0 { scanned.insert(id.index) }
        if queue != .kernel { blockingDemand.add(operation.route) }
        return .admitted(id)
    }
}

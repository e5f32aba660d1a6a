internal import AIOKernel

extension LoopCore {
    enum Admission {
        case admitted(OperationID)
        case refused(Outcome)
    }

    /// Admits an operation to the ledger, and fills its slot.
    @inline(__always)
    mutating func admit(
        _ operation: Operation, for waiter: Waiter, _ completion: Completion, at now: UInt64
    ) -> Admission {
        guard phase == .running else { return .refused(.shutDown) }
        let route = isOnThreads ? operation.route.onThreads : operation.route
        let queue = route.queue
        // Asked only where there is a limit.
        guard maximumPending == nil || hasRoom(for: queue), let id = ledger.admit(to: queue) else {
            counters.overloaded += 1
            return .refused(.overloaded)
        }
        slots.reserve(id.index)
        slots[id.index].initialize(to: Slot(operation, waiter, completion, tag: id.tag, startedAt: now))
        if isOnThreads { slots[id.index].pointee.changeRoute(to: route) }
        counters.started[Int(operation.kind.rawValue)] += 1
        if waiter.bits != 0 { scanned.insert(id.index) }
        if queue != .kernel { blockingDemand.add(route) }
        return .admitted(id)
    }

    /// Whether one more operation starts at once, as nothing is ahead of it, or may wait: no more do, over all loops, than the
    /// limit says.
    private mutating func hasRoom(for queue: OperationLedger.Queue) -> Bool {
        let threads = blockingThreads - (load?.othersPooled ?? 0)
        let startsAtOnce =
            switch queue {
            case .kernel: ledger.hasPermitForKernel
            case .blocking: ledger.hasThreadForPool(of: threads)
            case .permit: ledger.hasThreadForPool(of: threads) && ledger.hasPermitForPool
            }
        guard !startsAtOnce, let maximumPending else { return true }
        return load?.reservePending(below: maximumPending) ?? (ledger.pending < maximumPending)
    }
}

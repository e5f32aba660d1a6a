extension OperationLedger {
    /// Everything that must hold between two transitions; a sentence for what does not. For tests and debug builds: it
    /// looks at every entry.
    package func violation() -> String? {
        var counted = (live: 0, pending: 0, permits: 0, running: 0, queued: 0)
        for entry in entries where entry.state != .free {
            counted.live += 1
            if entry.state.holdsPermit { counted.permits += 1 }
            if entry.state.isPending { counted.pending += 1 }
            if entry.state.isRunningWithoutPermit { counted.running += 1 }
            if entry.state.waiterState == nil { counted.queued += 1 }
        }
        if counted.live != live { return "live is \(live), counted \(counted.live)" }
        if counted.pending != pending { return "pending is \(pending), counted \(counted.pending)" }
        if counted.permits != permitsHeld { return "permits held are \(permitsHeld), counted \(counted.permits)" }
        if counted.running != blockingRunning { return "\(blockingRunning) run on threads, counted \(counted.running)" }
        if permitsHeld > queueDepth { return "\(permitsHeld) permits are held of \(queueDepth)" }
        let listed = kernelQueue.count + permitQueue.count + blockingQueue.count
        if counted.queued != listed { return "the queues hold \(listed), counted \(counted.queued)" }
        return kernelQueue.violation("the kernel's queue", in: entries) { $0 == .queued }
            ?? permitQueue.violation("the permit queue", in: entries) { $0 == .awaitingPermit }
            ?? blockingQueue.violation("the blocking queue", in: entries) {
                if case .blockingQueued = $0 { true } else { false }
            }
    }
}

extension IndexList {
    fileprivate func violation(
        _ name: String, in entries: ContiguousArray<OperationLedger.Entry>,
        _ belongs: (OperationLedger.State) -> Bool
    ) -> String? {
        var (index, previous, seen) = (head, UInt32.none, 0)
        while index != .none {
            if !belongs(entries[Int(index)].state) { return "\(name) holds one that is \(entries[Int(index)].state)" }
            if entries[Int(index)].previous != previous { return "\(name) has a broken link" }
            (previous, index, seen) = (index, entries[Int(index)].next, seen + 1)
            if seen > entries.count { return "\(name) has a cycle" }
        }
        if seen != count { return "\(name) holds \(seen), says \(count)" }
        return tail == previous ? nil : "\(name) has a wrong end"
    }
}

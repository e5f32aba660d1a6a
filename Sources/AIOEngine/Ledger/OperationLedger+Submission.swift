extension OperationLedger {
    /// Whether ``dequeueForSubmission()`` would return an operation.
    package var hasSubmittable: Bool { !kernelQueue.isEmpty && permitsHeld < queueDepth - permitsReservedForPool }
    /// Operations in the queue for io_submit.
    package var queuedForKernel: Int { kernelQueue.count }
    /// One permit is left to the pool while it waits for one, so that a queue that never empties cannot starve it.
    private var permitsReservedForPool: Int { !permitQueue.isEmpty && queueDepth > 1 ? 1 : 0 }

    /// Dequeues the next operation for the kernel. It counts as submitted from here on, because its event may be in
    /// before io_submit returns.
    package mutating func dequeueForSubmission() -> UInt32? {
        guard hasSubmittable, let index = kernelQueue.popFirst(in: &entries) else { return nil }
        transition(index, to: .submitted(.waiting(.none)))
        return index
    }

    /// Puts an operation back at the head of the queue, as the kernel had no room (EAGAIN). To keep the order, the
    /// last one of a batch is requeued first.
    package mutating func requeue(_ index: UInt32) {
        transition(index, to: .queued)
        kernelQueue.prepend(index, in: &entries)
    }

    /// Whether an event for this operation is to be expected.
    package func expectsEvent(_ id: OperationID) -> Bool {
        guard isCurrent(id), case .submitted = state(id.index) else { return false }
        return true
    }
}

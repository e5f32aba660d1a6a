extension OperationLedger {
    /// What a blocking thread does with the operation that it dequeued.
    package enum PoolStep: Equatable {
        /// Submits it; the thread may block in io_submit.
        case submit(OperationID)
        /// The same, for one that the kernel had before and would not start without blocking.
        case resubmit(OperationID)
        /// Makes the system call.
        case call(OperationID)
    }

    /// Operations that wait for a permit so that a blocking thread can submit them.
    package var awaitingPermitCount: Int { permitQueue.count }

    /// Queues an operation for a blocking thread, as the kernel would block. It keeps its permit.
    package mutating func moveToPool(_ index: UInt32) {
        transition(index, to: .blockingQueued(holdsPermit: true))
        blockingQueue.append(index, in: &entries)
    }

    /// Dequeues the next operation for a blocking thread.
    package mutating func dequeueForPool() -> PoolStep? {
        // What needs a permit goes first, since the others can always go. It has a queue of its own: in a common one the
        // operations behind it could hold the very permits that it waits for.
        if freePermits > 0, let index = permitQueue.popFirst(in: &entries) {
            transition(index, to: .submitted(.waiting(.none)))
            return .submit(id(index))
        }
        guard let index = blockingQueue.popFirst(in: &entries) else { return nil }
        if state(index).holdsPermit {
            transition(index, to: .submitted(.waiting(.none)))
            return .resubmit(id(index))
        }
        transition(index, to: .blockingRunning(holdsPermit: false, .waiting(.none)))
        return .call(id(index))
    }

    /// Notes that the blocking thread makes the call itself, as the kernel had no room for the submission.
    package mutating func runInsteadOfSubmitting(_ id: OperationID) {
        guard isCurrent(id), case .submitted(let waiter) = state(id.index) else { return }
        transition(id.index, to: .blockingRunning(holdsPermit: true, waiter))
    }
}

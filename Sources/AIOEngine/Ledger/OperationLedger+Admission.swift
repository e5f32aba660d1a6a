extension OperationLedger {
    /// The queue in which an operation begins.
    package enum Queue: Sendable {
        /// For io_submit, on the thread that comes first.
        case kernel
        /// For a permit, and then for io_submit on a blocking thread.
        case permit
        /// For a system call on a blocking thread.
        case blocking
    }

    package enum Admission: Equatable {
        case admitted(OperationID)
        case overloaded
    }

    /// Appends an operation to its queue.
    ///
    /// - Parameter startsAtOnce: nothing is ahead of it, so it does not count against `maximumPending`.
    package mutating func admit(to queue: Queue, startsAtOnce: Bool) -> Admission {
        if let maximumPending, pending >= maximumPending, !startsAtOnce { return .overloaded }
        guard let index = popFree() else { return .overloaded }
        switch queue {
        case .kernel:
            transition(index, to: .queued)
            kernelQueue.append(index, in: &entries)
        case .permit:
            transition(index, to: .awaitingPermit)
            permitQueue.append(index, in: &entries)
        case .blocking:
            transition(index, to: .blockingQueued(holdsPermit: false))
            blockingQueue.append(index, in: &entries)
        }
        return .admitted(id(index))
    }

    /// Whether one more operation for the kernel would get a permit, after those that are queued already.
    package var hasPermitForKernel: Bool { kernelQueue.count < freePermits }
    /// Whether one more operation for a blocking thread to submit would get a permit, after those that wait for one.
    package var hasPermitForPool: Bool { permitQueue.count < freePermits }
    /// Whether one more operation for the pool would find one of its `count` threads without work.
    package func hasThreadForPool(of count: Int) -> Bool {
        blockingQueue.count + permitQueue.count + blockingRunning < count
    }

    /// Operations that wait for a permit or for a blocking thread; not those that one of these could take up now.
    package func waiting(blockingThreads: Int) -> Int {
        let forKernel = min(kernelQueue.count, freePermits)
        let threads = max(0, blockingThreads - blockingRunning)
        let forPool = min(blockingQueue.count + min(permitQueue.count, freePermits - forKernel), threads)
        return max(0, pending - forKernel - forPool)
    }

    private mutating func popFree() -> UInt32? {
        if freeHead != .none {
            let index = freeHead
            freeHead = entries[Int(index)].next
            entries[Int(index)].next = .none
            return index
        }
        guard entries.count < maximumCount else { return nil }
        entries.append(Entry())
        return UInt32(entries.count - 1)
    }
}

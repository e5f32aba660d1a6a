/// Where every operation stands: a value with no lock, no I/O and no clock.
///
/// Each method is one transition and returns what its caller has to do. ``State`` has the diagram. An operation's entry has
/// the same index as its slot.
///
/// This file follows an operation from admission to completion. `OperationLedger+State.swift` has the states and
/// `transition(_:to:)`, `OperationLedger+Cancellation.swift` what cancels an operation on its way,
/// `OperationLedger+Invariants.swift` what always holds.
package struct OperationLedger {
    struct Entry {
        var state = State.free
        /// Which user of this entry it is: an event or an ID of an earlier user has another generation.
        var generation: UInt32 = 0
        /// How often this user was moved to the pool after a submission.
        var submission: UInt8 = 0
        var next: UInt32 = .none
        var previous: UInt32 = .none
    }

    package private(set) var queueDepth: Int
    let maximumCount: Int
    /// Which of the engine's loops it is, as the IDs of its operations say.
    let loop: UInt16

    var entries: ContiguousArray<Entry> = []
    var freeHead: UInt32 = .none
    var kernelQueue = IndexList()
    var blockingQueue = IndexList()
    var permitQueue = IndexList()

    /// Operations that hold one of the `queueDepth` permits.
    package internal(set) var permitsHeld = 0
    /// Operations that a blocking thread runs without a permit.
    package internal(set) var blockingRunning = 0
    /// Operations that wait in user space.
    package internal(set) var pending = 0
    /// Operations in any state but free.
    package internal(set) var live = 0

    package init(queueDepth: Int, maximumCount: Int = Int(OperationID.largestIndex), loop: UInt16 = 0) {
        self.queueDepth = queueDepth
        self.maximumCount = maximumCount
        self.loop = loop
    }

    /// Lowers the number of permits, while nobody holds one.
    package mutating func reducePermits(to queueDepth: Int) {
        assert(permitsHeld == 0)
        self.queueDepth = queueDepth
    }

    /// How many entries there are, free ones included.
    package var count: Int { entries.count }
    /// Operations that the kernel or a blocking thread has.
    package var inFlight: Int { permitsHeld + blockingRunning }
    package var isEmpty: Bool { live == 0 }
    /// Permits that nobody holds.
    var freePermits: Int { queueDepth - permitsHeld }

    package func state(_ index: UInt32) -> State { entries[Int(index)].state }

    func id(_ index: UInt32) -> OperationID {
        OperationID(index: index, generation: entries[Int(index)].generation, loop: loop)
    }

    /// The word for `iocb.data` of the operation's next submission.
    func tag(_ index: UInt32) -> UInt64 { id(index).tag(ofSubmission: entries[Int(index)].submission) }

    /// Whether `id` names an operation that has not completed.
    package func isCurrent(_ id: OperationID) -> Bool {
        Int(id.index) < entries.count && entries[Int(id.index)].generation == id.generation
            && entries[Int(id.index)].state != .free
    }
}

// MARK: Admission

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

    /// Appends an operation to its queue.
    ///
    /// - Returns: its ID; nil where there are as many operations as IDs can name.
    package mutating func admit(to queue: Queue) -> OperationID? {
        guard let index = popFree() else { return nil }
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
        return id(index)
    }

    /// Whether one more operation for the kernel would get a permit, after those that are queued already.
    package var hasPermitForKernel: Bool { kernelQueue.count < freePermits }
    /// Whether one more operation for a blocking thread to submit would get a permit, after those that wait for one.
    package var hasPermitForPool: Bool { permitQueue.count < freePermits }
    /// Whether one more operation for the pool would find one of its `count` threads without work.
    package func hasThreadForPool(of count: Int) -> Bool {
        pooled < count
    }
    /// Whether an operation waits for a blocking thread.
    var isQueuedForPool: Bool { !blockingQueue.isEmpty || !permitQueue.isEmpty }
    /// Operations that wait for a blocking thread, or that one runs without a permit.
    package var pooled: Int { blockingQueue.count + permitQueue.count + blockingRunning }

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

// MARK: Submission

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

    /// Whether an event with this word is to be expected.
    package func expectsEvent(_ id: OperationID, tag: UInt64) -> Bool {
        expectsEvent(id) && OperationID.submission(of: tag) == entries[Int(id.index)].submission
    }

    /// Whether an event for this operation is to be expected.
    package func expectsEvent(_ id: OperationID) -> Bool {
        guard isCurrent(id), case .submitted = state(id.index) else { return false }
        return true
    }
}

// MARK: Blocking threads

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
        // An event of the submission that was refused may come again: it belongs to none from here on.
        entries[Int(index)].submission &+= 1
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

// MARK: Completion

extension OperationLedger {
    /// What the completion of an operation calls for.
    package enum Completed: Equatable {
        /// The waiter is resumed with the result, or as cancelled where a cancellation was granted.
        case awaited(CancellationRequest)
        /// Nobody waits: memory and descriptor are released.
        case abandoned
        /// There is no such operation: the event is a stray or a duplicate, and is counted.
        case spurious
    }

    /// Frees the entry of an operation whose result is in.
    package mutating func complete(_ id: OperationID) -> Completed {
        guard isCurrent(id), let waiter = state(id.index).waiterState else { return .spurious }
        free(id.index)
        switch waiter {
        case .waiting(let request): return .awaited(request)
        case .abandoned: return .abandoned
        }
    }

    mutating func free(_ index: UInt32) {
        transition(index, to: .free)
        // An event or a cancellation by the old ID meets another generation.
        entries[Int(index)].generation &+= 1
        entries[Int(index)].submission = 0
        entries[Int(index)].next = freeHead
        entries[Int(index)].previous = .none
        freeHead = index
    }
}

extension UInt32 {
    /// No index.
    static let none = UInt32.max
}

/// All that a loop's lock guards: the ledger, the slots behind it and the counters, moved together.
///
/// No system call is made under the lock but io_cancel(2), which needs the look-up and the call in one locked region:
/// an address that was recycled in between would cancel a stranger.
///
/// - `LoopCore+Admission.swift`: operations come in.
/// - `LoopCore+Submission.swift`: batches for io_submit, and what its result means.
/// - `LoopCore+Completion.swift`: results of the kernel and of blocking threads.
/// - `LoopCore+Cancellation.swift`: cancellations and scans.
/// - `LoopCore+Inspection.swift`: what is under way.
/// - `LoopCore+Actions.swift`: what the caller does after the lock.
struct LoopCore {
    enum Phase {
        case running
        /// Nothing new is admitted; the loop ends with the last operation.
        case draining
        /// As `draining`, and whatever can be cancelled is.
        case cancelling
        case ended
    }

    var ledger: OperationLedger
    var counters = EngineCounters()
    var phase = Phase.running
    /// A thread submits from the queue; the others leave their operations there.
    var isSubmitting = false
    /// The kernel had no room at the last submission; the loop tries again.
    var isStalled = false
    /// The loop waits without a time limit, as nothing has to be looked at now and then: what changes that wakes it.
    var loopSleepsWithoutLimit = false
    /// Polls that were to be cancelled, and that the kernel did not know: the loop tries again.
    var uncancelledPolls = IndexBits()
    /// Work that was queued for the blocking pool, and that the pool does not know of yet.
    var blockingDemand = BlockingDemand()
    /// Operations whose waiters the scans look at.
    var scanned = IndexBits()

    /// Blocking threads take the kernel's place, so that nothing has to be kept off them.
    var isOnThreads = false
    /// This loop's part of what the loops know of each other; nil where there is one loop.
    var load: PublishedLoad?

    let slots: SlotTable
    let blockingThreads: Int
    let maximumPending: Int?

    init(_ configuration: Engine.Configuration, loop: UInt16, slots: SlotTable, load: PublishedLoad?) {
        ledger = OperationLedger(queueDepth: configuration.queueDepth, loop: loop)
        blockingThreads = configuration.blockingThreads
        maximumPending = configuration.maximumPending
        self.slots = slots
        self.load = load
    }

    /// Whether the loop has to look at something now and then: at waiters that may be cancelled, or at a blocking pool that may
    /// not get on.
    var needsScans: Bool { !scanned.isEmpty || ledger.isQueuedForPool }

    mutating func recordPeaks() { counters.recordPeaks(of: ledger, blockingThreads: blockingThreads) }

    mutating func snapshot() -> EngineCounters {
        counters.inFlight = ledger.inFlight
        counters.pending = ledger.pending
        counters.isOnThreads = isOnThreads
        return counters
    }
}

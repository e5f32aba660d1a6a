/// All that the engine's lock guards: the ledger, the slots behind it and the counters, moved together.
///
/// No system call is made under the lock but io_cancel(2), which needs the look-up and the call in one locked region:
/// an address that was recycled in between would cancel a stranger.
///
/// - `EngineCore+Admission.swift`: operations come in.
/// - `EngineCore+Submission.swift`: batches for io_submit, and what its result means.
/// - `EngineCore+Completion.swift`: results of the kernel and of blocking threads.
/// - `EngineCore+Cancellation.swift`: cancellations and scans.
/// - `EngineCore+Inspection.swift`: what is under way.
/// - `EngineCore+Actions.swift`: what the caller does after the lock.
struct EngineCore {
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
    /// The loop waits without a time limit, as nothing is under way: the next operation wakes it.
    var loopSleepsWithoutLimit = false
    /// The kernel did not know a poll that was to be cancelled; the loop tries again.
    var retriesCancellations = false
    /// Work that was queued for the blocking pool, and that the pool does not know of yet.
    var blockingDemand = BlockingDemand()
    /// Operations whose waiters the scans look at.
    var scanned = IndexBits()

    let slots: SlotTable
    let blockingThreads: Int

    init(_ configuration: Engine.Configuration, slots: SlotTable) {
        ledger = OperationLedger(queueDepth: configuration.queueDepth, maximumPending: configuration.maximumPending)
        blockingThreads = configuration.blockingThreads
        self.slots = slots
    }

    mutating func recordPeaks() { counters.recordPeaks(of: ledger, blockingThreads: blockingThreads) }

    mutating func snapshot() -> EngineCounters {
        counters.inFlight = ledger.inFlight
        counters.pending = ledger.pending
        return counters
    }
}

internal import AIOEngine
public import SystemPackage

/// A snapshot of a context's counters over all of its loops: ``submitted`` + ``inline`` = ``completed`` + ``inFlight``,
/// always.
public struct AIOStatistics: Sendable {
    /// How many operations were started, by kind.
    public struct Operations: Sendable, Hashable {
        /// Reads, page cache hits included; a vectored one counts once for each iocb.
        public let reads: Int
        /// Writes; a vectored one counts once for each iocb.
        public let writes: Int
        /// Calls of ``AIOFile/synchronize(_:)``.
        public let synchronizations: Int
        /// Waits for readiness.
        public let polls: Int
        /// Calls of ``AIOFile/open(_:_:options:permissions:caching:on:)``.
        public let opens: Int
        /// Queries of the size, resizes, preallocations.
        public let metadata: Int

        /// The sum over all kinds.
        public var total: Int { reads + writes + synchronizations + polls + opens + metadata }
    }

    /// How many operations were started, by kind.
    public let operations: Operations
    /// Operations that were submitted to the kernel as an iocb, or to the threads that have taken its place
    /// (``isOnThreads``); each counts once, however often it was submitted.
    public let submitted: Int
    /// Operations done without an iocb: from the page cache on the caller's thread, or by a call on a blocking thread.
    public let inline: Int
    /// Of ``inline``, those that were done on a blocking thread.
    public let onBlockingThread: Int
    /// Operations that have completed.
    public let completed: Int
    /// Of ``completed``, those that completed with an error.
    public let failed: Int
    /// ``failed`` by error.
    public let failures: [Errno: Int]
    /// Operations that were cancelled while they were pending: they never reached the kernel.
    public let cancelledBeforeSubmission: Int
    /// Operations that io_cancel(2) cancelled.
    public let cancelledByKernel: Int
    /// Operations whose task stopped waiting before they completed, because it was cancelled.
    public let abandoned: Int
    /// Operations that were refused, as ``AIOContext/Configuration/maximumPending`` were pending already.
    public let overloaded: Int
    /// Calls of io_submit(2).
    public let submitCalls: Int
    /// iocbs that those calls accepted, retries included.
    public let submittedBlocks: Int
    /// Calls of io_submit(2) that failed with EAGAIN, as the kernel had no room, and were made again.
    public let submitRetries: Int
    /// Submissions with `RWF_NOWAIT` that the kernel refused; blocking threads did these operations.
    public let noWaitRefusals: Int
    /// Events of the kernel that belonged to no operation.
    public let spuriousEvents: Int
    /// How often something other than a completion woke the loop.
    public let wakeUps: Int
    /// Bytes read. Direct reads count what the kernel read, which is more where a range had to be widened.
    public let bytesRead: Int
    /// Bytes written.
    public let bytesWritten: Int
    /// Operations that the kernel or a blocking thread is working on now.
    public let inFlight: Int
    /// The highest number of operations in flight so far; of several loops the sum of their own highest numbers, which they
    /// need not have reached at the same time.
    public let peakInFlight: Int
    /// Operations that wait for a permit or a blocking thread now.
    public let pending: Int
    /// The highest number of pending operations so far; of several loops as ``peakInFlight``.
    public let peakPending: Int
    /// Whether blocking threads do the context's I/O, as the kernel refused: see ``AIOContext/Backend``.
    public let isOnThreads: Bool
    /// The time from start to completion, of completed operations of every kind but waits for readiness.
    public let latency: Latency

    /// The average number of iocbs per call of io_submit(2); 0 if there was no call.
    public var blocksPerSubmit: Double { submitCalls == 0 ? 0 : Double(submittedBlocks) / Double(submitCalls) }
}

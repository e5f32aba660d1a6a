internal import AIOEngine
public import SystemPackage

/// What a context has done, exactly: ``submitted`` + ``inline`` = ``completed`` + ``inFlight``, always.
public struct AIOStatistics: Sendable {
    /// Operations by kind, as they were started.
    public struct Operations: Sendable, Hashable {
        /// Reads, those from the page cache among them; a vectored one counts once for each iocb.
        public let reads: Int
        /// Writes; a vectored one counts once for each iocb.
        public let writes: Int
        /// Calls of ``AIOFile/synchronize(_:)``.
        public let synchronizations: Int
        /// Waits for readiness.
        public let polls: Int
        /// Calls of ``AIOFile/open(_:_:options:permissions:caching:on:)``.
        public let opens: Int
        /// Sizes asked for, resizes, preallocations.
        public let metadata: Int

        /// All of them.
        public var total: Int { reads + writes + synchronizations + polls + opens + metadata }
    }

    /// What was started, by kind.
    public let operations: Operations
    /// Operations that went to the kernel as an iocb; each counts once, however often it had to be tried.
    public let submitted: Int
    /// Operations done without an iocb: from the page cache on the spot, or by a call on a lane thread.
    public let inline: Int
    /// Of ``inline``, those that took a lane thread.
    public let onBlockingThread: Int
    /// Operations that the kernel has answered.
    public let completed: Int
    /// Of ``completed``, those that ended in an error.
    public let failed: Int
    /// ``failed`` by error.
    public let failures: [Errno: Int]
    /// Cancelled while they waited: the kernel never saw them.
    public let cancelledBeforeSubmission: Int
    /// Cancelled by io_cancel(2).
    public let cancelledByKernel: Int
    /// Left by their task before the kernel answered.
    public let abandoned: Int
    /// Turned away, as ``AIOContext/Configuration/maximumPending`` waited already.
    public let overloaded: Int
    /// Calls of io_submit(2).
    public let submitCalls: Int
    /// iocbs that those calls took, retries included.
    public let submittedBlocks: Int
    /// Calls that found no room in the kernel (EAGAIN) and were made again.
    public let submitRetries: Int
    /// Attempts without blocking that the kernel turned down; the lane did them then.
    public let noWaitRefusals: Int
    /// Events that belonged to no operation.
    public let spuriousEvents: Int
    /// Times the loop was woken by something other than a completion.
    public let wakeUps: Int
    /// Bytes read. Direct reads count what the kernel read, which is more where a range had to be widened.
    public let bytesRead: Int
    /// Bytes written.
    public let bytesWritten: Int
    /// Operations that the kernel or a lane thread has at this moment.
    public let inFlight: Int
    /// The most there were in flight at once.
    public let peakInFlight: Int
    /// Operations that wait for a place at this moment.
    public let pending: Int
    /// The most that waited at once.
    public let peakPending: Int
    /// From start to answer, of completed operations of every kind but waits for readiness.
    public let latency: Latency

    /// iocbs per call of io_submit(2), on average.
    public var blocksPerSubmit: Double { submitCalls == 0 ? 0 : Double(submittedBlocks) / Double(submitCalls) }
}

extension AIOStatistics {
    /// How long operations took, in buckets of about 12 % width.
    public struct Latency: Sendable, Hashable {
        let histogram: LatencyHistogram

        /// How many operations were timed.
        public var count: Int { Int(histogram.total) }
        /// The mean time; zero when there was none.
        public var mean: Duration {
            count == 0 ? .zero : .nanoseconds(histogram.sumNanoseconds / histogram.total)
        }
        /// All the times together.
        public var total: Duration { .nanoseconds(histogram.sumNanoseconds) }
        /// The longest time.
        public var maximum: Duration { .nanoseconds(histogram.maximumNanoseconds) }

        /// The time that the fraction `quantile` (0 … 1; others are clamped) of all operations did not exceed.
        public func quantile(_ quantile: Double) -> Duration {
            .nanoseconds(histogram.value(atQuantile: quantile))
        }

        /// The buckets that hold something, lowest first.
        public var buckets: [(range: Range<Duration>, count: Int)] {
            histogram.counts.indices.filter { histogram.counts[$0] > 0 }.map {
                let lower = LatencyHistogram.lowerBound(ofBucket: $0)
                let upper = LatencyHistogram.lowerBound(ofBucket: $0 + 1)
                return (.nanoseconds(lower)..<(.nanoseconds(upper)), Int(histogram.counts[$0]))
            }
        }
    }

    init(_ counters: EngineCounters) {
        func started(_ kind: OperationKind) -> Int { counters.started[Int(kind.rawValue)] }
        operations = Operations(
            reads: started(.read), writes: started(.write), synchronizations: started(.synchronize),
            polls: started(.poll), opens: started(.open), metadata: started(.metadata))
        submitted = counters.submitted
        inline = counters.inline
        onBlockingThread = counters.onBlockingThread
        completed = counters.completed
        failed = counters.failed
        failures = counters.failuresByErrno
        cancelledBeforeSubmission = counters.cancelledBeforeSubmission
        cancelledByKernel = counters.cancelledByKernel
        abandoned = counters.abandoned
        overloaded = counters.overloaded
        submitCalls = counters.submitCalls
        submittedBlocks = counters.submittedBlocks
        submitRetries = counters.submitRetries
        noWaitRefusals = counters.noWaitRefusals
        spuriousEvents = counters.spuriousEvents
        wakeUps = counters.wakeUps
        bytesRead = counters.bytesRead
        bytesWritten = counters.bytesWritten
        inFlight = counters.inFlight
        peakInFlight = counters.peakInFlight
        pending = counters.pending
        peakPending = counters.peakPending
        latency = Latency(histogram: counters.latency)
    }
}

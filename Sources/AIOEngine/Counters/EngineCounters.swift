package import SystemPackage

/// What the engine has done, exactly. Kept under its lock, so that one snapshot is consistent:
/// `submitted + inline = completed + inFlight`.
package struct EngineCounters: Sendable {
    /// Started operations by kind, in the order of ``OperationKind``'s cases.
    package var started = [Int](repeating: 0, count: OperationKind.allCases.count)
    /// Handed to the kernel as an iocb (each once, however often it had to be tried).
    package var submitted = 0
    /// Done without an iocb: from the page cache on the spot, or by a call on a blocking thread.
    package var inline = 0
    /// Of `inline`: by a call on a blocking thread.
    package var onBlockingThread = 0
    package var completed = 0
    package var failed = 0
    package var failuresByErrno: [Errno: Int] = [:]
    package var cancelledBeforeSubmission = 0
    package var cancelledByKernel = 0
    package var abandoned = 0
    package var overloaded = 0
    package var submitCalls = 0
    package var submittedBlocks = 0
    package var submitRetries = 0
    package var noWaitRefusals = 0
    package var spuriousEvents = 0
    package var wakeUps = 0
    package var bytesRead = 0
    package var bytesWritten = 0
    package var inFlight = 0
    package var peakInFlight = 0
    package var pending = 0
    package var peakPending = 0
    package var latency = LatencyHistogram()
    /// Whether blocking threads have taken the kernel's place.
    package var isOnThreads = false

    package init() {}

    /// Counts a result of the kernel or of a blocking thread.
    mutating func recordResult(_ result: Int, of kind: OperationKind, nanoseconds: UInt64) {
        completed += 1
        // How long a descriptor took to become ready says nothing of the device.
        if kind != .poll { latency.record(nanoseconds) }
        if result < 0 {
            // Wrapping: no result may trap, not even one that is no errno.
            recordFailure(Errno(rawValue: Int32(truncatingIfNeeded: 0 &- result)))
        } else if kind == .read {
            bytesRead += result
        } else if kind == .write {
            bytesWritten += result
        }
    }

    /// Adds the counters of another loop. The sum's peaks are the sums of the loops' own, which they need not have reached at
    /// the same time.
    mutating func add(_ other: EngineCounters) {
        for kind in started.indices { started[kind] += other.started[kind] }
        failuresByErrno.merge(other.failuresByErrno, uniquingKeysWith: +)
        latency.add(other.latency)
        isOnThreads = isOnThreads || other.isOnThreads
        for field in Self.sums { self[keyPath: field] += other[keyPath: field] }
    }

    private static var sums: [WritableKeyPath<EngineCounters, Int>] {
        [
            \.submitted, \.inline, \.onBlockingThread, \.completed, \.failed, \.cancelledBeforeSubmission,
            \.cancelledByKernel, \.abandoned, \.overloaded, \.submitCalls, \.submittedBlocks, \.submitRetries,
            \.noWaitRefusals, \.spuriousEvents, \.wakeUps, \.bytesRead, \.bytesWritten, \.inFlight, \.peakInFlight,
            \.pending, \.peakPending,
        ]
    }

    mutating func recordFailure(_ errno: Errno) {
        failed += 1
        failuresByErrno[errno, default: 0] += 1
    }

    mutating func recordPeaks(of ledger: borrowing OperationLedger, blockingThreads: Int) {
        peakInFlight = max(peakInFlight, ledger.inFlight)
        peakPending = max(peakPending, ledger.waiting(blockingThreads: blockingThreads))
    }
}

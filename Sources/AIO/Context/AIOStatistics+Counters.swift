internal import AIOEngine

extension AIOStatistics {
    /// The public form of the engine's counters.
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
        isOnThreads = counters.isOnThreads
        latency = Latency(histogram: counters.latency)
    }
}

internal import AIOEngine

/// What is left to do after the lock for a call of ``RequestService/cancel(_:on:)``, and what its outcome depends on.
struct PendingCancellation: @unchecked Sendable {
    // Unchecked, as its parts are: only the thread that called `cancel` has it.

    /// The requests that the call has cancelled, to be notified.
    var completed: [CompletedRequest] = []
    /// The polls of requests that no longer wait for readiness.
    var polls: [OperationID] = []
    /// The requests that the engine has; it may still cancel them.
    var running: [Running] = []
    /// The requests that had waited for the cancelled ones.
    var starts: [RequestStart] = []
    var hasCancelled = false

    struct Running {
        let id: RequestID
        let operation: OperationID?
        /// An attempt is under way, and what it finds decides whether the request is cancelled.
        let isUndecided: Bool
    }
}

/// What a cancellation came to: the three results of aio_cancel(3).
public enum CancellationOutcome: Sendable, Hashable {
    /// Every request it was for is cancelled: its status is ``RequestStatus/cancelled``.
    case cancelled
    /// At least one request is being carried out and goes on to its own result.
    case notCancelled
    /// Every request it was for had completed before.
    case allDone
}

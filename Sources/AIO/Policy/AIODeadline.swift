/// Runs `body`, and cancels its operations of this library when a deadline passes.
///
/// After the deadline, the operations of `body` and of its child tasks are cancelled as by task cancellation, and throw
/// ``AIOError/Code/timedOut``. An operation that the kernel can cancel, or that can be abandoned, throws at once; a
/// write throws when it has completed. If the deadline has passed before the call, no operation is started. Deadlines
/// nest; the earliest one counts.
///
/// ```swift
/// let header = try await withAIODeadline(.milliseconds(200)) { try await file.read(at: 0, count: 4096) }
/// ```
/// - Parameters:
///   - deadline: an instant of the continuous clock.
///   - body: runs in a child task, on the caller's preferred task executor if there is one.
/// - Returns: what `body` returned, also if it returned after the deadline.
/// - Throws: what `body` throws; ``AIOError/Code/timedOut`` in place of a `CancellationError` that the deadline caused.
///   If the caller's own task is cancelled, `CancellationError`.
public func withAIODeadline<R: Sendable>(
    _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    let scope = DeadlineScope(within: DeadlineScope.current)
    do {
        return try await DeadlineScope.$current.withValue(scope) {
            try await withThrowingTaskGroup(of: R?.self) { group in
                // If the caller is cancelled, its cancellation already reaches the body: the deadline is not the
                // reason.
                if deadline <= .now, !Task.isCancelled {
                    scope.pass()
                    group.cancelAll()
                }
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(until: min(deadline, .now + .longestSleep), clock: .continuous)
                    // Before the cancellation, so that an operation that is cancelled finds the reason.
                    scope.pass()
                    return nil
                }
                return try await group.firstResult()
            }
        }
    } catch is CancellationError where scope.hasPassed {
        throw ErrorDetails("waiting").error(.timedOut, advice: "the deadline passed")
    }
}

/// Runs `body` with a time limit that starts now: see ``withAIODeadline(_:_:)-(ContinuousClock.Instant,_)``.
public func withAIODeadline<R: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    // Clamped in both directions, as the sum must be an instant that can be represented.
    try await withAIODeadline(.now + max(.zero, limit.clampedToLongestSleep), body)
}

extension ThrowingTaskGroup {
    /// Returns the result of the body, in time or not. The timer's result is nil: then the body is cancelled and
    /// awaited. A cancelled timer throws; that is the caller's cancellation, which reaches the body as well.
    fileprivate mutating func firstResult<R>() async throws -> R where ChildTaskResult == R?, Failure == any Error {
        var failure: (any Error)?
        while let result = await nextResult() {
            switch result {
            case .success(let value?):
                cancelAll()
                return value
            case .success(nil): cancelAll()
            case .failure(let error):
                cancelAll()
                // The timer's own cancellation says less than what the body threw.
                if failure == nil || failure is CancellationError { failure = error }
            }
        }
        throw failure ?? CancellationError()
    }
}

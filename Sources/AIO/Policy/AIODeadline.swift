internal import Synchronization

/// Gives everything that `body` does with this library until a point in time.
///
/// Past it the operations of `body`, and of tasks that are its children, are cancelled as by task
/// cancellation, and throw ``AIOError/Code/timedOut``: what the kernel gives back or can be abandoned at once,
/// writes when the kernel has answered. Where the deadline has passed already none of them begins. Deadlines nest; the
/// earliest counts.
///
/// ```swift
/// let header = try await withAIODeadline(.milliseconds(200)) { try await file.read(at: 0, count: 4096) }
/// ```
/// - Parameters:
///   - deadline: on the continuous clock.
///   - body: runs in a child task, on the caller's task executor if it prefers one.
/// - Returns: what `body` returned, also if it did so past the deadline.
/// - Throws: what `body` throws; ``AIOError/Code/timedOut`` for a `CancellationError` that the deadline has
///   caused. When the caller's own task is cancelled it is `CancellationError` as ever.
public func withAIODeadline<R: Sendable>(
    _ deadline: ContinuousClock.Instant, _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    let scope = DeadlineScope(within: DeadlineScope.current)
    do {
        return try await DeadlineScope.$current.withValue(scope) {
            try await withThrowingTaskGroup(of: R?.self) { group in
                // A cancelled caller's body is cancelled by that, and hears so.
                if deadline <= .now, !Task.isCancelled {
                    scope.pass()
                    group.cancelAll()
                }
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(until: min(deadline, .now + .longestSleep), clock: .continuous)
                    // Before the cancellation, so that whoever meets that finds the reason.
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

/// The same with a time limit from now on: see ``withAIODeadline(_:_:)-(ContinuousClock.Instant,_)``.
public func withAIODeadline<R: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    // An instant has an end as well, in both directions.
    try await withAIODeadline(.now + max(.zero, limit.countable), body)
}

extension ThrowingTaskGroup {
    /// What the body brought, in time or not: the timer brings nil, and then the body is cancelled and waited
    /// for. A cancelled timer throws; that is the caller's cancellation, which the body hears of as well.
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

/// A deadline as the operations within it see it.
final class DeadlineScope: Sendable {
    @TaskLocal static var current: DeadlineScope?

    private let outer: DeadlineScope?
    private let passed = Atomic<Bool>(false)

    init(within outer: DeadlineScope?) { self.outer = outer }

    func pass() { passed.store(true, ordering: .releasing) }

    /// Whether this deadline has passed, or one around it.
    var hasPassed: Bool { passed.load(ordering: .acquiring) || outer?.hasPassed ?? false }
}

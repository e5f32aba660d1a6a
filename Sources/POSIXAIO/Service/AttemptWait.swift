internal import ForkSafeMutex

/// The condition that ``RequestService/cancel(_:on:)`` waits for, in a form that C can carry: the attempts at undecided
/// requests have completed.
final class AttemptWait: Sendable {
    private let service: RequestService
    private let undecided: [RequestID]

    init(service: RequestService, undecided: [RequestID]) {
        self.service = service
        self.undecided = undecided
    }

    var isOver: Bool { service.core.withLock { core in !undecided.contains { core.isUndecided($0) } } }
}

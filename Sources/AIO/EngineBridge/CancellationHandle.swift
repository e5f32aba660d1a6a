internal import AIOEngine
internal import Synchronization

/// Cancels an operation, also if the cancellation comes before the operation has an ID.
final class CancellationHandle: Sendable {
    private enum State {
        case waiting, cancelled
        case started(OperationID)
    }
    private let engine: Engine
    private let state = Mutex(State.waiting)

    init(_ engine: Engine) { self.engine = engine }

    /// Records the operation's ID, and cancels the operation if ``cancel()`` was called before.
    ///
    /// - Parameter id: nil for an operation that has completed.
    func started(_ id: OperationID?) {
        guard let id else { return }
        let wasCancelled = state.withLock { state in
            if case .cancelled = state { return true }
            state = .started(id)
            return false
        }
        if wasCancelled { engine.cancel(id) }
    }

    /// Cancels the operation, now or when its ID is recorded.
    func cancel() {
        let id = state.withLock { state -> OperationID? in
            defer { state = .cancelled }
            if case .started(let id) = state { return id }
            return nil
        }
        if let id { engine.cancel(id) }
    }
}

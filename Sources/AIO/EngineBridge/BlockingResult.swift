internal import Synchronization

/// A value that a blocking thread returns beside the result of its call.
final class BlockingResult<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    func store(_ value: Value) { stored.withLock { $0 = value } }

    /// The value; nil if the thread has stored none.
    var value: Value? { stored.withLock { $0 } }
}

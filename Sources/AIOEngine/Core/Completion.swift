/// Whom to tell when an operation ends: a function and the word it is called with. Called exactly once, on
/// any thread, with no lock held.
///
/// Two words and no reference count: the word is a continuation, or a pointer that the caller keeps alive.
package struct Completion: Sendable {
    package typealias Function = @Sendable @convention(c) (_ token: UInt, _ outcome: Int) -> Void

    package let function: Function
    package let token: UInt

    package init(token: UInt, function: @escaping Function) {
        self.function = function
        self.token = token
    }

    func callAsFunction(_ outcome: Outcome) { function(token, outcome.rawValue) }
}

/// Who waits for an operation, so that the loop can ask whether they still want it. Zero: nobody to ask.
///
/// The engine knows nothing of tasks. Whoever makes it says how to ask (``Engine/Configuration``); it asks
/// under its lock and only while the operation is live, so the waiter cannot have gone away.
package struct Waiter: Sendable {
    package typealias IsCancelled = @Sendable @convention(c) (_ waiter: UInt) -> Bool

    package let bits: UInt
    package init(bits: UInt) { self.bits = bits }
    package static var none: Waiter { Waiter(bits: 0) }
}

/// Completes an operation: a function and the word it is called with. Called exactly once, on any thread, with no lock
/// held.
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

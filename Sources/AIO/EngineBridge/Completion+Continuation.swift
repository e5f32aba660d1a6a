internal import AIOEngine

extension Completion {
    /// Returns a completion that resumes a continuation with the raw value of the outcome.
    static func resuming(_ continuation: UnsafeContinuation<Int, Never>) -> Completion {
        // An unsafe continuation is one word, and so needs no allocation to pass through the engine.
        Completion(token: unsafeBitCast(continuation, to: UInt.self)) { token, outcome in
            unsafeBitCast(token, to: UnsafeContinuation<Int, Never>.self).resume(returning: outcome)
        }
    }
}

internal import AIOEngine

// Between the engine's words and Swift's tasks: the one place where tasks and continuations pass as bits.

extension Completion {
    /// Resumes the continuation with the outcome's word.
    static func resuming(_ continuation: UnsafeContinuation<Int, Never>) -> Completion {
        // An unsafe continuation is one word, and so travels without a box.
        Completion(token: unsafeBitCast(continuation, to: UInt.self)) { token, outcome in
            unsafeBitCast(token, to: UnsafeContinuation<Int, Never>.self).resume(returning: outcome)
        }
    }
}

extension Waiter {
    /// The task that runs this; ``none`` outside of tasks.
    static var current: Waiter {
        withUnsafeCurrentTask { task in
            guard let task else { return .none }
            return Waiter(bits: unsafeBitCast(task, to: UInt.self))
        }
    }

    /// The same; nil when it is cancelled already.
    static var uncancelled: Waiter? {
        withUnsafeCurrentTask { task in
            guard let task else { return Waiter.none }
            return task.isCancelled ? nil : Waiter(bits: unsafeBitCast(task, to: UInt.self))
        }
    }
}

/// Asks a suspended task, from outside, whether it was cancelled: `UnsafeCurrentTask` allows that from any
/// thread while the task lives, and it does: the engine asks only while it owes the task its resumption.
let taskIsCancelled: Waiter.IsCancelled = { bits in
    unsafeBitCast(bits, to: UnsafeCurrentTask.self).isCancelled
}

internal import AIOEngine

extension Waiter {
    // A task passes through the engine as bits, which only this file makes and reads.

    /// The current task; ``none`` outside of tasks.
    static var current: Waiter {
        withUnsafeCurrentTask { task in
            guard let task else { return .none }
            return Waiter(bits: unsafeBitCast(task, to: UInt.self))
        }
    }

    /// The current task, ``none`` outside of tasks; nil if the task is cancelled already.
    static var uncancelled: Waiter? {
        withUnsafeCurrentTask { task in
            guard let task else { return Waiter.none }
            return task.isCancelled ? nil : Waiter(bits: unsafeBitCast(task, to: UInt.self))
        }
    }

    /// Returns whether a suspended task was cancelled, from any thread. `UnsafeCurrentTask` allows that while the task
    /// lives. It does live: the engine calls this only for tasks that it has yet to resume.
    static let taskIsCancelled: IsCancelled = { bits in
        unsafeBitCast(bits, to: UnsafeCurrentTask.self).isCancelled
    }
}

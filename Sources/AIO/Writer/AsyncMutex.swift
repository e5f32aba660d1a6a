internal import Synchronization

/// A lock for tasks, which get it in the order of their calls.
final class AsyncMutex: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isLocked = false
        var waiters: [UnsafeContinuation<Void, Never>] = []

        mutating func lockIfFree() -> Bool {
            guard !isLocked else { return false }
            isLocked = true
            return true
        }
    }

    /// Waits until the mutex is free, and locks it. ``unlock()`` has to follow. Cancellation does not cut it short.
    func lock() async {
        guard !state.withLock({ $0.lockIfFree() }) else { return }
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isLocked = state.withLock { state in
                if state.lockIfFree() { return true }
                state.waiters.append(continuation)
                return false
            }
            if isLocked { continuation.resume() }
        }
    }

    /// Passes the mutex on to the task that has waited longest, or frees it.
    func unlock() {
        let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            state.isLocked = false
            return nil
        }
        next?.resume()
    }
}

internal import Synchronization

/// Lets one task in at a time, in the order in which they came.
final class Turn: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isTaken = false
        var waiters: [UnsafeContinuation<Void, Never>] = []

        mutating func takeIfFree() -> Bool {
            guard !isTaken else { return false }
            isTaken = true
            return true
        }
    }

    /// Waits until nobody else has it. ``give()`` has to follow.
    func take() async {
        guard !state.withLock({ $0.takeIfFree() }) else { return }
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            let isMine = state.withLock { state in
                if state.takeIfFree() { return true }
                state.waiters.append(continuation)
                return false
            }
            if isMine { continuation.resume() }
        }
    }

    /// Passes it on.
    func give() {
        let next = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            guard state.waiters.isEmpty else { return state.waiters.removeFirst() }
            state.isTaken = false
            return nil
        }
        next?.resume()
    }
}

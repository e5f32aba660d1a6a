internal import CAIOShims
internal import Glibc

/// A value behind a lock whose changes can be waited for, so that a test knows when something has happened without
/// sleeping.
package final class Monitor<State: Sendable>: @unchecked Sendable {
    // Unchecked: `state` is accessed only with `mutex` held.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let changed: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    package init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        changed = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Calls `body` with the lock held. Every call may be a change, so every call wakes the waiters.
    package func withLock<R>(_ body: (inout State) throws -> R) rethrows -> R {
        pthread_mutex_lock(mutex)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(mutex)
        }
        return try body(&state)
    }

    /// Blocks until `condition` returns a value. A test that would hang fails after `seconds` instead.
    package func wait<R>(
        for what: String, seconds: Int = 120, until condition: (inout State) -> R?
    ) throws(WaitTimeout) -> R {
        let end = caio_monotonic_ns() + UInt64(seconds) * 1_000_000_000
        var deadline = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let value = condition(&state) { return value }
            if pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT {
                throw WaitTimeout(what: what, state: "\(state)")
            }
        }
    }

    /// Waits until `condition` returns a value, on a thread of its own: the cooperative threads must not block.
    package func wait<R: Sendable>(
        for what: String, seconds: Int = 120, until condition: @escaping @Sendable (inout State) -> R?
    ) async throws -> R {
        try await onThread { try self.wait(for: what, seconds: seconds, until: condition) }
    }
}

internal import CAIOShims
internal import Glibc

/// A thread that can be joined: a pthread_t.
package typealias ThreadHandle = UInt

/// Starts the engine's threads, and puts them to sleep.
package protocol ThreadProvider: AnyObject, Sendable {
    /// Starts a thread that runs `body`.
    ///
    /// - Parameters:
    ///   - name: what the system shows for the thread; its first 15 bytes count.
    ///   - detached: whether nobody will join it.
    /// - Returns: nil where the system has no thread to give; `body` is not run then.
    func start(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> ThreadHandle?
    /// Waits for the end of a thread.
    func join(_ thread: ThreadHandle)
    /// Runs `work` on some thread that may block, for what outlives the engine.
    func runInBackground(_ work: @escaping @Sendable () -> Void)
    /// Makes a monitor, for threads that sleep until others have something for them.
    func makeMonitor() -> any ThreadMonitor
    /// Returns the processor that the calling thread is on, or was a moment ago.
    func processor() -> Int
}

extension ThreadProvider {
    package func processor() -> Int { Int(caio_processor()) }
}

/// A lock, and a queue of threads that sleep without it.
package protocol ThreadMonitor: AnyObject, Sendable {
    func lock()
    func unlock()
    /// Sleeps with the lock released, until it is woken or for no reason, for so long at most; nil: without limit.
    ///
    /// - Returns: false when the time is over.
    func wait(nanoseconds: Int64?) -> Bool
    func wakeOne()
    func wakeAll()
}

/// The system's threads.
final class LiveThreads: ThreadProvider {
    func start(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> ThreadHandle? {
        spawnThread(name: name, detached: detached, body)
    }

    func join(_ thread: ThreadHandle) { pthread_join(thread, nil) }

    func runInBackground(_ work: @escaping @Sendable () -> Void) { Housekeeping.shared.run(work) }

    func makeMonitor() -> any ThreadMonitor { LiveMonitor() }
}

/// A pthread mutex and a condition variable: a `ForkSafeMutex` has nothing to sleep on.
final class LiveMonitor: ThreadMonitor, @unchecked Sendable {
    // Unchecked: both are made to be shared by threads.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }

    func wait(nanoseconds: Int64?) -> Bool {
        guard let nanoseconds else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        let end = Int64(clamping: caio_monotonic_ns()).addingReportingOverflow(nanoseconds).partialValue
        var deadline = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT
    }

    func wakeOne() { pthread_cond_signal(condition) }
    func wakeAll() { pthread_cond_broadcast(condition) }
}

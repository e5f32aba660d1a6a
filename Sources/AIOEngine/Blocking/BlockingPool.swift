internal import Glibc

/// Threads that may block, for work that would stall a cooperative one. The pool knows how many pieces of work
/// there are; what they are is its client's affair.
///
/// Threads are started when work comes and no thread is idle, up to `maximum`. ``BlockingPoolState`` decides,
/// this class acts. Its lock is a pthread mutex rather than a `ForkSafeMutex`, because idle threads sleep on a condition
/// variable.
final class BlockingPool: @unchecked Sendable {
    // Unchecked: `state` and `threads` are touched only with `mutex` held.
    private let name: String
    /// How long an idle thread stays, in seconds; nil: until ``stop()``, which joins it.
    private let idleSeconds: Int?
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: BlockingPoolState
    /// The threads that ``stop()`` joins.
    private var threads: [pthread_t] = []

    /// - Parameters:
    ///   - maximum: how many threads there may be; at least 1.
    ///   - pooledMaximum: how many threads pooled work is given, unless they make no progress.
    ///   - name: the name of the threads.
    ///   - idleSeconds: how long an idle thread stays; nil: until ``stop()``.
    init(maximum: Int, pooledMaximum: Int = 2, name: String, idleSeconds: Int? = nil) {
        state = BlockingPoolState(maximum: maximum, pooledMaximum: pooledMaximum)
        self.name = name
        self.idleSeconds = idleSeconds
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    // MARK: Work

    /// Announces pieces of work, each to be done by one call of `step` on some thread.
    ///
    /// - Returns: false where there is no thread to do the work and none can be started: the work is not
    ///   announced then, and the caller's own affair.
    @discardableResult
    func signal(
        _ demand: BlockingDemand = BlockingDemand(dedicated: 1), step: @escaping @Sendable () -> Void
    ) -> Bool {
        lock()
        guard let actions = state.announce(demand) else {
            unlock()
            return false
        }
        startThreads(actions.starts, step)
        let hasThread = state.running > 0
        unlock()
        wakeThreads(actions.signals)
        return hasThread
    }

    /// Gives the queued work more threads where none of it was taken since the last scan. To be called now and
    /// then.
    func scan(step: @escaping @Sendable () -> Void) {
        lock()
        let actions = state.scan()
        startThreads(actions.starts, step)
        unlock()
        wakeThreads(actions.signals)
    }

    /// Ends every thread once the work is done, and waits for them.
    func stop() {
        lock()
        let actions = state.stop()
        let joinable = threads
        threads = []
        unlock()
        if actions.signalsAll { pthread_cond_broadcast(condition) }
        for thread in joinable { pthread_join(thread, nil) }
    }

    /// How many threads a pool has.
    struct LiveCounts: Equatable {
        /// Threads there are, those that sleep among them.
        let running: Int
        /// Threads that wait for work.
        let idle: Int
    }

    /// How many threads there are at this moment; for tests, as the numbers may change at any time.
    var liveCounts: LiveCounts {
        lock()
        defer { unlock() }
        return LiveCounts(running: state.running, idle: state.idle)
    }

    // MARK: Effects

    private func lock() { pthread_mutex_lock(mutex) }

    private func unlock() {
        assert(state.violation() == nil, state.violation() ?? "")
        pthread_mutex_unlock(mutex)
    }

    /// Wakes `count` idle threads, without the mutex, which they need at once. No work is lost between the mutex and
    /// the signal: where the signal finds nobody asleep, the idle threads have woken otherwise, and each looks for
    /// work before it sleeps again.
    private func wakeThreads(_ count: Int) {
        for _ in 0..<count { pthread_cond_signal(condition) }
    }

    /// With the mutex held: starts `count` threads, or as many of them as the system has to give.
    ///
    /// The threads are not started after the mutex is released, as others would announce work for a first thread
    /// that may not come to be: ``signal(_:step:)`` would have answered true for work that nobody does. And
    /// ``stop()`` would miss threads that it has to join.
    private func startThreads(_ count: Int, _ step: @escaping @Sendable () -> Void) {
        for started in 0..<count {
            let thread = spawnThread(name: name, detached: idleSeconds != nil) { self.run(step) }
            // Where the system has no thread now, it has none for the others either.
            guard let thread else { return state.startsFailed(count - started) }
            if idleSeconds == nil { threads.append(thread) }
        }
    }

    // MARK: One thread

    private func run(_ step: @Sendable () -> Void) {
        lock()
        var action = state.threadCameUp()
        while true {
            switch action {
            case .run:
                unlock()
                step()
                lock()
                action = state.threadFinished()
            case .sleep:
                action = sleep() ? state.threadWoke() : state.threadTimedOut()
            case .end:
                return unlock()
            }
        }
    }

    /// With the mutex held, which is released meanwhile: waits to be woken. Returns false after ``idleSeconds``.
    private func sleep() -> Bool {
        guard let idleSeconds else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        var deadline = timespec()
        clock_gettime(CLOCK_REALTIME, &deadline)
        deadline.tv_sec += idleSeconds
        return pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT
    }
}

internal import CLibAIO
internal import Glibc

/// Threads that may block, for work that would stall a cooperative one. They know how many pieces of work
/// there are; what they are is the client's affair.
///
/// Threads are started when work comes and no thread is idle, up to `maximum`. A condition variable rather
/// than a `Mutex`: idle threads have to sleep on something.
final class LaneThreads: @unchecked Sendable {
    // Sendable by hand: everything below `mutex` is touched only with it held.
    private let maximum: Int
    private let name: String
    /// How long an idle thread stays, in seconds; nil: until ``stop()``, which joins it.
    private let idleSeconds: Int?
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var work = 0
    private var idle = 0
    /// Started and not yet here: each will take a piece of work, or be idle.
    private var starting = 0
    private var threads: [pthread_t] = []
    private var running = 0
    private var stopped = false

    init(maximum: Int, name: String, idleSeconds: Int? = nil) {
        self.maximum = max(1, maximum)
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

    /// Announces `count` pieces of work, each to be taken by one call of `step` on some thread.
    ///
    /// - Returns: false when there is no thread to do it and none can be started: the work is not announced
    ///   then, and the caller's own affair.
    @discardableResult
    func signal(_ count: Int = 1, step: @escaping @Sendable () -> Void) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !stopped else { return false }
        work += count
        for _ in 0..<min(count, idle) { pthread_cond_signal(condition) }
        while work > idle + starting, running < maximum, start(step) {}
        if running == 0 { work -= count }
        return running > 0
    }

    /// Ends every thread once the work is done, and waits for them.
    func stop() {
        pthread_mutex_lock(mutex)
        stopped = true
        pthread_cond_broadcast(condition)
        let joinable = threads
        threads = []
        pthread_mutex_unlock(mutex)
        for thread in joinable { pthread_join(thread, nil) }
    }

    /// How many threads there are, and how many of them sleep; for tests, as both may change at any time.
    var census: (running: Int, idle: Int) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return (running, idle)
    }

    /// With the mutex held. False when the system has no thread to give.
    private func start(_ step: @escaping @Sendable () -> Void) -> Bool {
        let thread = spawnThread(name: name, detached: idleSeconds != nil) { self.run(step) }
        guard let thread else { return false }
        if idleSeconds == nil { threads.append(thread) }
        running += 1
        starting += 1
        return true
    }

    private func run(_ step: @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        starting -= 1
        while waitForWork() {
            work -= 1
            pthread_mutex_unlock(mutex)
            step()
            pthread_mutex_lock(mutex)
        }
        running -= 1
        pthread_mutex_unlock(mutex)
    }

    /// With the mutex held; false: this thread is to end.
    private func waitForWork() -> Bool {
        while work == 0 {
            if stopped { return false }
            idle += 1
            defer { idle -= 1 }
            guard let idleSeconds else {
                pthread_cond_wait(condition, mutex)
                continue
            }
            var deadline = timespec()
            clock_gettime(CLOCK_REALTIME, &deadline)
            deadline.tv_sec += idleSeconds
            if pthread_cond_timedwait(condition, mutex, &deadline) == ETIMEDOUT, work == 0 { return false }
        }
        return true
    }
}

/// Starts a thread that runs `body` with every signal blocked; nil when the system has none to give.
func spawnThread(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> pthread_t? {
    final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    if detached { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
    var thread = pthread_t()
    let result = pthread_create(
        &thread, &attributes,
        { argument in
            let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
            caio_block_signals()
            caio_name_thread(start.name)
            start.body()
            return nil
        }, start.toOpaque())
    guard result == 0 else {
        start.release()
        return nil
    }
    return thread
}

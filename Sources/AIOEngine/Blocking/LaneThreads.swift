internal import CAIOShims
internal import Glibc

/// Threads that may block, for work that would stall a cooperative one. They know how many pieces of work
/// there are; what they are is the client's affair.
///
/// Threads are started when work comes and no thread is idle, up to `maximum`. A condition variable rather
/// than a `ForkSafeMutex`: idle threads have to sleep on something.
final class LaneThreads: @unchecked Sendable {
    // Sendable by hand: everything below `mutex` is touched only with it held.
    private let maximum: Int
    private let name: String
    /// How long an idle thread stays, in seconds; nil: until ``stop()``, which joins it.
    private let idleSeconds: Int?
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    /// How many threads see to patient work, unless it does not get on.
    private let patientMaximum: Int
    private var work = 0
    /// Pieces of work that threads have taken, ever; and as of the last ``reinforce(step:)``.
    private var taken = 0
    private var takenBefore = 0
    private var idle = 0
    /// Of the idle ones, those that were called and are not up yet.
    private var called = 0
    /// Started and not yet here: each will take a piece of work, or be idle.
    private var starting = 0
    private var threads: [pthread_t] = []
    private var running = 0
    private var stopped = false

    init(maximum: Int, patientMaximum: Int = 2, name: String, idleSeconds: Int? = nil) {
        self.maximum = max(1, maximum)
        self.patientMaximum = min(max(1, patientMaximum), self.maximum)
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

    /// Announces pieces of work, each to be taken by one call of `step` on some thread.
    ///
    /// - Parameters:
    ///   - count: pieces that want a thread each.
    ///   - patient: pieces that a few threads shall see to, one after the other.
    /// - Returns: false when there is no thread to do it and none can be started: the work is not announced
    ///   then, and the caller's own affair.
    @discardableResult
    func signal(_ count: Int = 1, patient: Int = 0, step: @escaping @Sendable () -> Void) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !stopped else { return false }
        work += count + patient
        callUp(count + max(0, min(patient, patientMaximum - awake - count)), step)
        if running == 0 { work -= count + patient }
        return running > 0
    }

    /// To be called now and then: where work waits, and none was taken since the last time, what the threads are
    /// at takes long, and more of them take over.
    func reinforce(step: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if work > 0, taken == takenBefore, !stopped { callUp(min(work, max(1, awake)), step) }
        takenBefore = taken
    }

    /// With the mutex held: threads that are at work, or will be in a moment.
    private var awake: Int { running - idle + called }

    /// With the mutex held: up to `count` more threads, as far as there is work for them.
    private func callUp(_ count: Int, _ step: @escaping @Sendable () -> Void) {
        // Nobody is called who is not there: a count too high would keep patient work from being taken.
        called = min(called, idle)
        let up = min(count, idle - called)
        for _ in 0..<up { pthread_cond_signal(condition) }
        called += up
        var missing = count - up
        while missing > 0, work > called + starting, running < maximum, start(step) { missing -= 1 }
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
            taken += 1
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
            defer {
                idle -= 1
                called = max(0, called - 1)
            }
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
    let result = caio_start_thread(
        &thread, &attributes,
        { argument in
            let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
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

/// The threads of a blocking pool and the work that waits for them, in numbers: a value with no lock, no I/O,
/// no clock and no thread.
///
/// Each method is one transition. A transition of the whole pool returns ``Actions`` for its caller; a transition
/// of one thread returns what this thread does next (``ThreadAction``). The way of a thread:
/// ```
///  starting ──┬─► executing ──┬─► no thread
///      │      │      │   ▲    │
///      │      ▼      ▼   │    │
///      │     idle (asleep, or called and not yet up)
///      └─► no thread, where the system has none to give
/// ```
struct BlockingPoolState: Hashable {
    /// How many threads there may be.
    let maximum: Int
    /// How many threads pooled work is given, unless a scan finds that they make no progress.
    let pooledMaximum: Int

    /// Pieces of work that no thread has taken. Dedicated and pooled pieces are one number: the two differ only
    /// in how many threads they bring up when they are announced, and a thread takes whatever is next.
    var queued = 0
    /// Pieces of work that threads have taken, ever.
    var dequeued = 0
    /// `dequeued` as the last scan found it.
    var dequeuedAtLastScan = 0

    /// Threads that were asked for and have not come up: each will take a piece of work, or be idle.
    var starting = 0
    /// Threads that run a piece of work.
    var executing = 0
    /// Threads that wait for work.
    var idle = 0
    /// Idle threads that were called and are not up yet. A thread that wakes uncalled counts as one of them, so the
    /// number may be lower than the threads on their way, which costs a needless signal. It is never higher, which
    /// would leave work without a thread.
    var called = 0
    /// Whether threads end instead of waiting for work.
    var isStopped = false

    /// - Parameters:
    ///   - maximum: how many threads there may be; at least 1.
    ///   - pooledMaximum: how many of them pooled work is given; from 1 to `maximum`.
    init(maximum: Int, pooledMaximum: Int) {
        self.maximum = max(1, maximum)
        self.pooledMaximum = min(max(1, pooledMaximum), self.maximum)
    }

    /// Threads there are.
    var running: Int { starting + executing + idle }
    /// Threads that are at work, or will be in a moment.
    var awake: Int { running - idle + called }

    // MARK: The pool

    /// What the caller of a transition does next.
    struct Actions: Equatable {
        /// How many threads to start, before anybody else sees the state. Those that cannot be started are
        /// reported by ``BlockingPoolState/startsFailed(_:)``.
        var starts = 0
        /// How many idle threads to wake, after the lock.
        var signals = 0
        /// Whether to wake every idle thread, after the lock.
        var signalsAll = false
    }

    /// Queues pieces of work.
    ///
    /// - Returns: nil where the pool is stopped: nothing is queued.
    mutating func announce(_ demand: BlockingDemand) -> Actions? {
        guard !isStopped else { return nil }
        queued += demand.count
        // Dedicated work brings a thread for each piece. Pooled work only fills up what is awake to its maximum.
        let pooled = max(0, min(demand.pooled, pooledMaximum - awake - demand.dedicated))
        return callUp(demand.dedicated + pooled)
    }

    /// Takes back `count` threads that were to be started and could not be.
    ///
    /// Where the pool then has no thread at all, the queued work is withdrawn as well: nobody would ever take it.
    mutating func startsFailed(_ count: Int) {
        starting -= count
        if running == 0 { queued = 0 }
    }

    /// Brings more threads where those that are awake make no progress: work is queued and none was taken since
    /// the last scan. Each such scan doubles the threads that are awake.
    mutating func scan() -> Actions {
        defer { dequeuedAtLastScan = dequeued }
        guard queued > 0, dequeued == dequeuedAtLastScan, !isStopped else { return Actions() }
        return callUp(min(queued, awake))
    }

    /// Ends every thread once the queued work is done, and lets no more work in.
    mutating func stop() -> Actions {
        isStopped = true
        called = idle
        return Actions(signalsAll: true)
    }

    /// Calls idle threads, and has others started where those are too few: up to `count`, as far as the maximum
    /// allows.
    private mutating func callUp(_ count: Int) -> Actions {
        let signals = min(count, idle - called)
        called += signals
        // No thread is started for work that others are on their way to.
        let unattended = queued - called - starting
        let starts = max(0, min(count - signals, unattended, maximum - running))
        starting += starts
        return Actions(starts: starts, signals: signals)
    }

    // MARK: One thread

    /// What a thread does next.
    enum ThreadAction: Equatable {
        /// Run one piece of work, which is this thread's now.
        case run
        /// Wait to be woken.
        case sleep
        /// End; the pool does not count it any more.
        case end
    }

    /// A thread that was started is there.
    mutating func threadCameUp() -> ThreadAction {
        starting -= 1
        return nextAction()
    }

    /// A thread has run its piece of work.
    mutating func threadFinished() -> ThreadAction {
        executing -= 1
        return nextAction()
    }

    /// An idle thread woke: it was called, or for no reason, as condition variables do.
    mutating func threadWoke() -> ThreadAction {
        leaveIdle()
        return nextAction()
    }

    /// An idle thread has waited for as long as it may. Work that has come meanwhile is taken all the same: the
    /// call for it may have been this thread's.
    mutating func threadTimedOut() -> ThreadAction {
        leaveIdle()
        return queued > 0 ? nextAction() : .end
    }

    private mutating func leaveIdle() {
        idle -= 1
        // Who woke uncalled stands in for one that was called, which finds the work gone.
        called = max(0, called - 1)
    }

    private mutating func nextAction() -> ThreadAction {
        if queued > 0 {
            queued -= 1
            dequeued += 1
            executing += 1
            return .run
        }
        if isStopped { return .end }
        idle += 1
        return .sleep
    }
}

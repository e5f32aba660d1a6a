internal import Glibc

/// Threads that may block, for work that would stall a cooperative one. The pool knows whose the pieces of work are, and in
/// which order they came; what they are is its clients' affair.
///
/// Threads are started when work comes and no thread is idle, up to `maximum`. ``BlockingPoolState`` decides,
/// this class acts.
final class BlockingPool: @unchecked Sendable {
    // Unchecked: `state`, `clients` and `threads` are touched only with the monitor's lock held.
    /// Does a piece of work, and returns the completion that follows.
    typealias Step = @Sendable (_ client: UInt16) -> PendingCompletion?

    private let name: String
    private let provider: any ThreadProvider
    /// How long an idle thread stays, in seconds; nil: until ``stop()``, which joins it.
    private let idleSeconds: Int?
    private let monitor: any ThreadMonitor
    private var state: BlockingPoolState
    /// Whose piece of work comes next, as many as are queued.
    private var clients = FIFO<UInt16>()
    /// The threads that ``stop()`` joins.
    private var threads: [pthread_t] = []

    /// - Parameters:
    ///   - maximum: how many threads there may be; at least 1.
    ///   - pooledMaximum: how many threads pooled work is given, unless they make no progress.
    ///   - name: the name of the threads.
    ///   - idleSeconds: how long an idle thread stays; nil: until ``stop()``.
    ///   - threads: where the threads come from.
    init(
        maximum: Int, pooledMaximum: Int = 2, name: String, idleSeconds: Int? = nil,
        threads provider: any ThreadProvider = LiveThreads()
    ) {
        state = BlockingPoolState(maximum: maximum, pooledMaximum: pooledMaximum)
        self.name = name
        self.idleSeconds = idleSeconds
        self.provider = provider
        monitor = provider.makeMonitor()
    }

    // MARK: Work

    /// Announces pieces of work of one client, each to be done by one call of `perform` on some thread.
    ///
    /// - Returns: false where there is no thread to do the work and none can be started: the work is not
    ///   announced then, and the caller's own affair.
    @discardableResult
    func signal(
        _ demand: BlockingDemand = BlockingDemand(dedicated: 1), for client: UInt16 = 0, perform step: @escaping Step
    ) -> Bool {
        lock()
        guard let actions = state.announce(demand) else {
            unlock()
            return false
        }
        clients.append(repeating: client, count: demand.count)
        startThreads(actions.starts, step)
        let hasThread = state.running > 0
        unlock()
        wakeThreads(actions.signals)
        return hasThread
    }

    /// Gives the queued work more threads where none of it was taken since the last scan. To be called now and
    /// then.
    func scan(perform step: @escaping Step) {
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
        if actions.signalsAll { monitor.wakeAll() }
        for thread in joinable { provider.join(thread) }
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

    private func lock() { monitor.lock() }

    private func unlock() {
        assert(state.violation() == nil, state.violation() ?? "")
        assert(clients.count == state.queued)
        monitor.unlock()
    }

    /// Wakes `count` idle threads, without the lock, which they need at once. No work is lost between the lock and
    /// the signal: where the signal finds nobody asleep, the idle threads have woken otherwise, and each looks for
    /// work before it sleeps again.
    private func wakeThreads(_ count: Int) {
        for _ in 0..<count { monitor.wakeOne() }
    }

    /// With the lock held: starts `count` threads, or as many of them as the system has to give.
    ///
    /// The threads are not started after the lock is released, as others would announce work for a first thread
    /// that may not come to be: ``signal(_:for:perform:)`` would have answered true for work that nobody does. And
    /// ``stop()`` would miss threads that it has to join.
    private func startThreads(_ count: Int, _ step: @escaping Step) {
        for started in 0..<count {
            let thread = provider.start(name: name, detached: idleSeconds != nil) { self.run(step) }
            // Where the system has no thread now, it has none for the others either.
            guard let thread else {
                state.startsFailed(count - started)
                if state.queued == 0 { clients.removeAll() }
                return
            }
            if idleSeconds == nil { threads.append(thread) }
        }
    }

    // MARK: One thread

    private func run(_ step: Step) {
        lock()
        var action = state.threadCameUp()
        while true {
            switch action {
            case .run:
                // As many as pieces: each transition that takes one comes with the removal here.
                let client = clients.popFirst() ?? 0
                unlock()
                action = finish(step(client))
            case .sleep:
                action =
                    monitor.wait(nanoseconds: idleSeconds.map { Int64($0) * 1_000_000_000 })
                    ? state.threadWoke() : state.threadTimedOut()
            case .end:
                return unlock()
            }
        }
    }

    /// Ends a piece of work by its completion, and takes the lock.
    ///
    /// A thread that has no other piece counts as idle while it delivers. Whoever is resumed then, and announces work at
    /// once, finds a thread for it that is awake; otherwise two threads would take turns, each woken for one piece.
    private func finish(_ completion: PendingCompletion?) -> BlockingPoolState.ThreadAction {
        lock()
        guard let completion else { return state.threadFinished() }
        guard state.queued == 0 else {
            unlock()
            completion.deliver()
            lock()
            return state.threadFinished()
        }
        let action = state.threadFinished()
        unlock()
        completion.deliver()
        lock()
        // A call that came meanwhile found nobody asleep here.
        return action == .sleep && state.called > 0 ? state.threadWoke() : action
    }
}

extension BlockingPool {
    /// Announces work that no completion follows.
    @discardableResult
    func signal(
        _ demand: BlockingDemand = BlockingDemand(dedicated: 1), step: @escaping @Sendable (_ client: UInt16) -> Void
    ) -> Bool {
        signal(demand) { client in
            step(client)
            return nil
        }
    }
}

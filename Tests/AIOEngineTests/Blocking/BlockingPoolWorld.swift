@testable import AIOEngine

/// A blocking pool's state beside what it describes: the threads, the signals on their way to them, and the work.
///
/// The threads obey the state as those of ``BlockingPool`` do. They are counted here a second time, by what the
/// state answered to each, and the signals of a condition variable reach whom they happen to reach.
struct BlockingPoolWorld: Hashable {
    var state: BlockingPoolState

    /// Threads that the system has started and that have not come up.
    var starting = 0
    var executing = 0
    /// Threads that wait and that no signal has reached.
    var asleep = 0
    /// Threads that a signal has reached and that have not come up.
    var signalled = 0
    /// Signals that were decided on under the lock. They are sent after it, so anything may come in between.
    var unsentSignals = 0
    var hasUnsentBroadcast = false

    /// Pieces of work that may still be announced.
    var toCome: BlockingDemand
    /// Pieces that the pool has accepted and no thread has taken.
    var untaken = 0
    /// Whether a thread took a piece since the last scan.
    var hasProgressed = false
    /// Whether it is too late for a thread for each piece: pooled work was announced, or a start has failed.
    var mayQueue = false
    var isStopped = false
    /// Whether the pool refused work for want of a thread.
    var hasRefused = false

    enum Event: Equatable {
        /// Announces work, where the system has so many threads to give.
        case announce(dedicated: Int, pooled: Int, startable: Int)
        case scan(startable: Int)
        case stop
        case sendSignal
        case sendBroadcast
        case comeUp
        case finish
        /// A thread wakes; `isSignalled`: because a signal has reached it.
        case wake(isSignalled: Bool)
        /// A thread has waited for long enough; a signal may have reached it in the same moment.
        case timeOut(isSignalled: Bool)
    }

    init(maximum: Int, pooledMaximum: Int, toCome: BlockingDemand) {
        state = BlockingPoolState(maximum: maximum, pooledMaximum: pooledMaximum)
        self.toCome = toCome
    }

    var running: Int { starting + executing + asleep + signalled }
    /// Threads that will look for work, whatever else happens.
    var coming: Int { starting + signalled + (hasUnsentBroadcast ? asleep : min(unsentSignals, asleep)) }
    /// Whether nothing happens any more unless somebody announces, scans or stops.
    var isAtRest: Bool { executing + coming == 0 }

    /// Everything that could happen next.
    func events() -> [Event] {
        var events: [Event] = [.stop]
        for dedicated in 0...toCome.dedicated {
            for pooled in 0...toCome.pooled where dedicated + pooled > 0 {
                for startable in 0...min(dedicated + pooled, state.maximum - running) {
                    events.append(.announce(dedicated: dedicated, pooled: pooled, startable: startable))
                }
            }
        }
        for startable in 0...(state.maximum - running) { events.append(.scan(startable: startable)) }
        if unsentSignals > 0 { events.append(.sendSignal) }
        if hasUnsentBroadcast { events.append(.sendBroadcast) }
        if starting > 0 { events.append(.comeUp) }
        if executing > 0 { events.append(.finish) }
        if asleep > 0 { events += [.wake(isSignalled: false), .timeOut(isSignalled: false)] }
        if signalled > 0 { events += [.wake(isSignalled: true), .timeOut(isSignalled: true)] }
        return events
    }

    /// Lets `event` happen; a sentence where the state answers what it must not.
    mutating func perform(_ event: Event) -> String? {
        defer { normalize() }
        switch event {
        case .announce(let dedicated, let pooled, let startable):
            return announce(BlockingDemand(dedicated: dedicated, pooled: pooled), startable: startable)
        case .scan(let startable): return scan(startable: startable)
        case .stop:
            isStopped = true
            return act(state.stop(), startable: 0)
        case .sendSignal:
            unsentSignals -= 1
            if asleep > 0 { (asleep, signalled) = (asleep - 1, signalled + 1) }
        case .sendBroadcast:
            hasUnsentBroadcast = false
            (asleep, signalled) = (0, signalled + asleep)
        case .comeUp:
            starting -= 1
            return obey(state.threadCameUp())
        case .finish:
            executing -= 1
            return obey(state.threadFinished())
        case .wake(let isSignalled):
            leaveSleep(isSignalled)
            return obey(state.threadWoke())
        case .timeOut(let isSignalled):
            leaveSleep(isSignalled)
            return obey(state.threadTimedOut(), isTimedOut: true)
        }
        return nil
    }

    private mutating func leaveSleep(_ isSignalled: Bool) {
        if isSignalled { signalled -= 1 } else { asleep -= 1 }
    }

    /// One thread acts as the state answers.
    private mutating func obey(_ action: BlockingPoolState.ThreadAction, isTimedOut: Bool = false) -> String? {
        switch action {
        case .run:
            if untaken == 0 { return "a thread runs a piece of work that another one has taken" }
            untaken -= 1
            executing += 1
            hasProgressed = true
        case .sleep:
            if isStopped { return "a thread goes to sleep in a stopped pool" }
            if isTimedOut { return "a thread that has timed out goes to sleep again" }
            asleep += 1
        case .end:
            if !isStopped, !isTimedOut { return "a thread ends that has not timed out, in a pool that is not stopped" }
        }
        return nil
    }

    /// Starts and signals threads as the pool does: starts under the lock, up to the first that fails.
    mutating func act(_ actions: BlockingPoolState.Actions, startable: Int) -> String? {
        if actions.starts < 0 || actions.signals < 0 { return "\(actions) count below zero" }
        if actions.starts > state.maximum - running { return "\(actions) start threads beyond the maximum" }
        if actions.signalsAll != isStopped { return "\(actions) wake all, or do not: stopped is \(isStopped)" }
        unsentSignals += actions.signals
        if actions.signalsAll { hasUnsentBroadcast = true }
        starting += min(actions.starts, startable)
        if actions.starts > startable {
            mayQueue = true
            state.startsFailed(actions.starts - startable)
        }
        return nil
    }

    /// Of the pieces dequeued ever it only matters whether there are more of them than at the last scan: without
    /// the numbers themselves there are few enough states to see them all.
    private mutating func normalize() {
        state.dequeued = state.dequeued == state.dequeuedAtLastScan ? 0 : 1
        state.dequeuedAtLastScan = 0
    }
}

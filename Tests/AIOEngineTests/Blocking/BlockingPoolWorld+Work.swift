@testable import AIOEngine

extension BlockingPoolWorld {
    mutating func announce(_ demand: BlockingDemand, startable: Int) -> String? {
        toCome.dedicated -= demand.dedicated
        toCome.pooled -= demand.pooled
        let awake = state.awake
        guard let actions = state.announce(demand) else {
            return isStopped ? nil : "work is refused by a pool that is not stopped"
        }
        if isStopped { return "work is announced to a stopped pool" }
        let room = max(0, state.pooledMaximum - awake - demand.dedicated)
        let count = actions.starts + actions.signals
        if count > demand.dedicated + min(demand.pooled, room) {
            return "\(demand) calls \(count) threads beside \(awake) that are awake"
        }
        if demand.pooled > 0 { mayQueue = true }
        let failure = act(actions, startable: startable) ?? checkStarts(actions)
        // What BlockingPool tells the caller: false, and the work is the caller's own affair.
        if running > 0 { untaken += demand.count } else { hasRefused = true }
        return failure
    }

    mutating func scan(startable: Int) -> String? {
        let awake = state.awake
        let sleepers = state.idle - state.called
        let unattended = untaken - state.called - state.starting
        let stands = untaken > 0 && !hasProgressed && !isStopped
        let actions = state.scan()
        hasProgressed = false
        if isStopped { return actions == .init() ? nil : "a scan of a stopped pool asks for \(actions)" }
        // Twice as many as are awake, as far as there are threads and there is work for them.
        let count = stands ? min(untaken, awake) : 0
        let signals = min(count, sleepers)
        let starts = min(count - signals, max(0, unattended - signals), state.maximum - running)
        if actions != .init(starts: starts, signals: signals) {
            return "a scan asks for \(actions) instead of \(starts) starts and \(signals) signals"
        }
        return act(actions, startable: startable) ?? checkStarts(actions)
    }

    private func checkStarts(_ actions: BlockingPoolState.Actions) -> String? {
        if actions.starts > 0, state.called < state.idle { return "\(actions) start threads while others sleep" }
        return nil
    }

    /// What must hold in every state; a sentence for what does not.
    func violation() -> String? {
        if let violation = state.violation() { return violation }
        let counted = [state.starting, state.executing, state.idle, state.queued]
        let real = [starting, executing, asleep + signalled, untaken]
        if counted != real { return "starting, executing, idle, queued are \(real), the state says \(counted)" }
        if state.isStopped != isStopped { return "the state says that stopped is \(state.isStopped)" }
        if state.called > signalled + (hasUnsentBroadcast ? asleep : unsentSignals) {
            return "\(state.called) threads are called, only \(signalled) are signalled and \(unsentSignals) will be"
        }
        if isAtRest, untaken > 0 { return "\(untaken) pieces of work are queued and no thread will come" }
        if isAtRest, isStopped, running > 0 { return "\(running) threads of a stopped pool never end" }
        if !mayQueue, !isStopped, untaken > coming, coming + executing < state.maximum {
            return "\(untaken) dedicated pieces wait for \(coming) threads, though more are allowed"
        }
        return nil
    }
}

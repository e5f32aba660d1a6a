internal import AIOKernel
internal import ForkSafeMutex

extension Engine {
    /// Operations that are pending or in flight.
    package var live: Int { loops.reduce(0) { $0 + $1.core.withLock { $0.ledger.live } } }

    /// A snapshot: each loop's part is consistent in itself, and so is the sum.
    package var counters: EngineCounters {
        // A lock may have been held at the moment of the fork: for ever, in the child.
        guard belongsToThisProcess else { return EngineCounters() }
        var sum = loops[0].counters
        for loop in loops.dropFirst() { sum.add(loop.counters) }
        return sum
    }

    /// Returns a sentence for what is wrong inside; nil in a sound engine. For tests.
    package func violation() -> String? {
        for loop in loops {
            if let found = loop.core.withLock({ $0.ledger.violation() }) { return "loop \(loop.number): \(found)" }
        }
        return nil
    }

    /// Returns the operations that were started more than `age` nanoseconds ago, oldest first, `maximum` at most.
    ///
    /// In pieces, as ``EngineLoop/scanWaiters(olderThan:now:)`` goes: what begins or ends meanwhile may be among them or
    /// not.
    package func liveOperations(olderThan age: UInt64, maximum: Int, includingPolls: Bool = true) -> LiveOperations {
        guard belongsToThisProcess, maximum > 0 else { return LiveOperations([]) }
        let now = clock.now()
        let limit = now > age ? now - age : 0
        var found: [Sighting] = []
        for loop in loops { loop.addSightings(to: &found, startedBefore: limit, now, includingPolls, maximum) }
        return LiveOperations(found)
    }
}

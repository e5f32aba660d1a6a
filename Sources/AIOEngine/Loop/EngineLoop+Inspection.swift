internal import ForkSafeMutex

extension EngineLoop {
    /// How many entries one locked region looks at: it is over in some microseconds, and nobody waits longer.
    private static var inspectionStride: Int { 256 }

    /// A consistent snapshot.
    var counters: EngineCounters { core.withLock { $0.snapshot() } }

    /// Adds this loop's operations to those that were found before, and keeps the `maximum` oldest, oldest first.
    func addSightings(
        to found: inout [Sighting], startedBefore limit: UInt64, _ now: UInt64, _ includingPolls: Bool, _ maximum: Int
    ) {
        var next = 0
        var isLast = false
        while !isLast {
            let (sightings, reached, isOver) = core.withLock { core in
                let end = min(core.ledger.count, next + Self.inspectionStride)
                let sightings = (next..<max(next, end)).compactMap {
                    core.sighting(UInt32($0), startedBefore: limit, now, includingPolls)
                }
                return (sightings, end, end >= core.ledger.count)
            }
            (next, isLast) = (reached, isOver)
            found += sightings
            // No more are held than one round adds to those that are wanted.
            let excess = found.dropOldest(maximum)
            for sighting in excess { sighting.lease?.endUse() }
        }
    }
}

extension [Sighting] {
    /// Keeps the `count` oldest, oldest first, and returns the others.
    fileprivate mutating func dropOldest(_ count: Int) -> [Sighting] {
        sort { $0.operation.ageNanoseconds > $1.operation.ageNanoseconds }
        let excess = Array(dropFirst(count))
        removeLast(excess.count)
        return excess
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex

extension Engine {
    /// How many entries one locked region looks at: it is over in some microseconds, and nobody waits longer.
    private static var inspectionStride: Int { 256 }

    /// Returns the operations that were started more than `age` nanoseconds ago, oldest first, `maximum` at most.
    ///
    /// In pieces, as ``scanWaiters(olderThan:now:)`` goes: what begins or ends meanwhile may be among them or not.
    package func liveOperations(olderThan age: UInt64, maximum: Int, includingPolls: Bool = true) -> LiveOperations {
        guard belongsToThisProcess, maximum > 0 else { return LiveOperations([]) }
        let now = caio_monotonic_ns()
        let limit = now > age ? now - age : 0
        var found: [Sighting] = []
        var next = 0
        while true {
            let isLast = core.withLock { core in
                let end = min(core.ledger.count, next + Self.inspectionStride)
                for index in next..<max(next, end) {
                    guard let sighting = core.sighting(UInt32(index), startedBefore: limit, now, includingPolls)
                    else { continue }
                    found.append(sighting)
                }
                next = end
                return end >= core.ledger.count
            }
            // No more are held than one round adds to those that are wanted.
            let excess = found.dropOldest(maximum)
            for sighting in excess { sighting.lease?.endUse() }
            if isLast { return LiveOperations(found) }
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

internal import AIOKernel
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization

extension LoopThread {
    /// After how many scan intervals without any work the loop sleeps without a limit.
    private static let idleIterationLimit = 40

    /// Waits for an event, or to be woken.
    mutating func wait() -> Reaping {
        // Before the polling already: a job that comes meanwhile wakes the loop, and so ends it.
        guard loop.client?.prepareToSleep() ?? true else { return Reaping(0) }
        defer { loop.client?.didWake() }
        return poll() ?? sleep()
    }

    /// Looks at the ring for as long as the configuration says: in pieces, as the waiters are scanned in between.
    ///
    /// - Returns: nil when the polling is over without an event.
    private mutating func poll() -> Reaping? {
        guard loop.configuration.pollingNanoseconds > 0 else { return nil }
        var now = loop.clock.now()
        let end = pollEnd ?? now &+ loop.configuration.pollingNanoseconds
        pollEnd = end
        // A loop that polls is idle, and looks after others as one that sleeps does.
        let pieceEnd = now &+ (watches() ? UInt64(Self.watchInterval) : Self.scanInterval)
        while now < min(end, pieceEnd) {
            let reaping = kernel.reap(into: buffers.events)
            if reaping.count > 0 || reaping.wasWoken { return reaping }
            now = loop.clock.now()
        }
        guard now >= end else { return Reaping(0) }
        pollEnd = nil
        return nil
    }

    private mutating func sleep() -> Reaping {
        let reaping = kernel.reap(into: buffers.events, timeoutNanoseconds: timeout())
        if reaping.count < 0, reaping.count != -Int(EINTR) {
            // Not to be expected of a living context: an error that does not go away must not become a busy loop.
            loop.clock.pause(nanoseconds: 1_000_000)
        }
        return reaping
    }

    /// Returns how long to sleep, in nanoseconds; negative: until woken.
    private mutating func timeout() -> Int64 {
        let (idleIterations, siblings) = (self.idleIterations, self.siblings)
        let timeout = loop.core.withLock { core -> Int64 in
            core.loopSleepsWithoutLimit = false
            loop.pendingCount.store(core.ledger.pending, ordering: .relaxed)
            if core.isStalled || !core.uncancelledPolls.isEmpty { return 1_000_000 }
            // Left by a thread that has submitted enough for others, this one perhaps.
            if core.hasSubmittable { return 0 }
            if core.needsScans { return Int64(Self.scanInterval) }
            if core.phase != .running {
                guard core.ledger.isEmpty else { return Int64(Self.scanInterval) }
                // The others may have something left.
                return siblings.isEmpty ? 0 : Self.watchInterval
            }
            if idleIterations < Self.idleIterationLimit { return Int64(Self.scanInterval) }
            // Set in the same locked region as the look at what needs scans: the next operation cannot miss it.
            core.loopSleepsWithoutLimit = true
            return -1
        }
        self.idleIterations += 1
        return watches() && (timeout < 0 || timeout > Self.watchInterval) ? Self.watchInterval : timeout
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension EngineLoop {
    /// After how many scan intervals without any work the loop sleeps without a limit.
    private static let idleIterationLimit = 40

    /// Waits for an event, or to be woken.
    ///
    /// - Returns: how many events were reaped.
    mutating func wait() -> Int {
        if hasKernel, !wakeIsArmed { wakeIsArmed = (try? engine.armWake()) ?? false }
        // Before the polling already: a job that comes meanwhile makes an event, and so ends it.
        guard engine.client?.prepareToSleep() ?? true else { return 0 }
        defer { engine.client?.didWake() }
        guard hasKernel else { return sleepUntilWoken() }
        let (count, isOver) = poll()
        return isOver ? sleep() : count
    }

    /// Sleeps without a kernel context, so that there is no event to reap: poll(2) on the wake-up event.
    private mutating func sleepUntilWoken() -> Int {
        let found = caio_poll(engine.wakeDescriptor.rawValue, Int16(POLLIN), milliseconds(timeout()))
        if found > 0, found & Int32(POLLIN) != 0 {
            clearWake()
            engine.core.withLock { $0.counters.wakeUps += 1 }
            idleIterations = 0
        } else if found != 0, found != -EINTR {
            // The descriptor was closed, by closefrom(3) perhaps.
            pauseAfterError()
        }
        return 0
    }

    /// Keeps an error that does not go away from becoming a busy loop.
    private func pauseAfterError() {
        var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        nanosleep(&pause, nil)
    }

    /// Rounded up: a sleep that ends early would be repeated until its time is over.
    private func milliseconds(_ nanoseconds: Int64) -> Int32 {
        nanoseconds < 0 ? -1 : Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    /// Takes back the signals that have woken the loop.
    func clearWake() { engine.wake.withLock { $0?.clear() } }

    /// Looks at the ring for as long as the configuration says: in pieces, as the waiters are scanned in between.
    ///
    /// - Returns: how many events were reaped, and whether the polling is over without one.
    private mutating func poll() -> (count: Int, isOver: Bool) {
        guard engine.configuration.pollingNanoseconds > 0 else { return (0, true) }
        var now = caio_monotonic_ns()
        let end = pollEnd ?? now &+ engine.configuration.pollingNanoseconds
        pollEnd = end
        let pieceEnd = now &+ Self.scanInterval
        while now < min(end, pieceEnd) {
            let count = engine.kernel.reap(into: events)
            if count > 0 { return (count, false) }
            now = caio_monotonic_ns()
        }
        guard now >= end else { return (0, false) }
        pollEnd = nil
        return (0, true)
    }

    private mutating func sleep() -> Int {
        let result = engine.kernel.reap(into: events, timeoutNanoseconds: timeout())
        if result < 0, result != -Int(EINTR) {
            // Not to be expected of a living context.
            pauseAfterError()
        }
        return max(0, result)
    }

    /// Returns how long to sleep, in nanoseconds; negative: until woken.
    private mutating func timeout() -> Int64 {
        if hasKernel, !wakeIsArmed { return 1_000_000 }
        let idleIterations = self.idleIterations
        let timeout = engine.core.withLock { core -> Int64 in
            core.loopSleepsWithoutLimit = false
            engine.pendingCount.store(core.ledger.pending, ordering: .relaxed)
            if core.isStalled || core.retriesCancellations { return 1_000_000 }
            if !core.ledger.isEmpty { return Int64(Self.scanInterval) }
            if core.phase != .running { return 0 }
            if idleIterations < Self.idleIterationLimit { return Int64(Self.scanInterval) }
            // Set in the same locked region as the look at the ledger: the next operation cannot miss it.
            core.loopSleepsWithoutLimit = true
            return -1
        }
        self.idleIterations += 1
        return timeout
    }
}

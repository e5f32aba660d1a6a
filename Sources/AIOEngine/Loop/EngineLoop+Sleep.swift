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
        if !wakeIsArmed { wakeIsArmed = (try? armWake()) ?? false }
        // Before the polling already: a job that comes meanwhile makes an event, and so ends it.
        guard engine.client?.prepareToSleep() ?? true else { return 0 }
        defer { engine.client?.didWake() }
        let (count, isOver) = poll()
        return isOver ? sleep() : count
    }

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
            // Not to be expected of a living context; whatever it is, it must not become a busy loop.
            var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            nanosleep(&pause, nil)
        }
        return max(0, result)
    }

    /// Returns how long to sleep, in nanoseconds; negative: until woken.
    private mutating func timeout() -> Int64 {
        guard wakeIsArmed else { return 1_000_000 }
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

    /// Submits the poll on the wake-up event.
    ///
    /// - Returns: false when the kernel has no room just now.
    mutating func armWake() throws(KernelError) -> Bool {
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: 1) {
            // A ControlBlock is a caio_iocb and nothing else.
            $0.initializeElement(at: 0, to: UnsafeMutableRawPointer(wakeBlock).assumingMemoryBound(to: caio_iocb.self))
            return engine.kernel.submit($0)
        }
        switch result {
        case 1:
            wakeIsArmed = true
            return true
        case -Int(EINVAL):
            throw KernelError(.submit, .invalidArgument, advice: "contexts need IOCB_CMD_POLL: Linux 4.19 or later")
        case -Int(EAGAIN), -Int(EINTR), 0:
            return false
        default:
            throw KernelError(.submit, Errno(rawValue: Int32(-result)))
        }
    }
}

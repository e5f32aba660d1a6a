internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The one thread that reaps, and what it keeps between two turns.
///
/// A turn: run what is ready, submit what that asked for, take what the ring holds, sleep if there was
/// nothing. While anything is under way it sleeps for a bounded time, to look for cancelled waiters; when
/// nothing has been for a while, until it is woken.
struct EngineLoop: @unchecked Sendable {
    // Sendable by hand: made on one thread, then used by the loop's alone.
    private unowned(unsafe) let engine: Engine
    private let events: UnsafeMutableBufferPointer<CompletionEvent>
    private let finished: UnsafeMutablePointer<Finished>
    private let wakeBlock: UnsafeMutablePointer<ControlBlock>
    private var wakeIsArmed = false
    private var lastLook: UInt64 = 0
    private var idleTurns = 0
    /// When the polling that is going on is to end.
    private var pollEnd: UInt64?

    private static let eventCapacity = 256
    /// A cancellation is noticed at the latest this long after it was asked for, and a little more; see `ripe`.
    private static let tick: UInt64 = 2_500_000
    /// Operations younger than this are not asked about: nearly all end before.
    private static let ripe: UInt64 = 1_000_000
    /// How many ticks without any work until the loop sleeps without a limit.
    private static let idleLimit = 40

    init(_ engine: Engine, wake: FileDescriptor) {
        self.engine = engine
        events = .allocate(capacity: Self.eventCapacity)
        events.initialize(repeating: CompletionEvent())
        finished = .allocate(capacity: Self.eventCapacity)
        wakeBlock = .allocate(capacity: 1)
        wakeBlock.initialize(
            to: .poll(wake, for: UInt32(POLLIN), data: OperationID.wake.tag))
    }

    func deallocate() {
        events.deallocate()
        finished.deallocate()
        wakeBlock.deallocate()
    }

    /// Until the engine is closed and the last operation has ended.
    mutating func run() {
        lastLook = caio_monotonic_ns()
        while true {
            let hasMoreToRun = engine.client?.runReady() ?? false
            submit()
            var count = engine.kernel.take(into: events)
            if count == 0 {
                // Also where the client's work never ends: it goes on elsewhere.
                if !engine.isOpen, engine.isFinished { return }
                if !hasMoreToRun { count = wait() }
            }
            let now = caio_monotonic_ns()
            if count > 0 { receive(count, at: now) }
            lookForCancellations(at: now)
        }
    }

    // MARK: Submitting

    private func submit() {
        let submits = engine.core.withLock { core in
            guard core.hasSubmittable, !core.isStalled else { return false }
            core.isSubmitting = true
            return true
        }
        if submits { engine.drainSubmissions() }
    }

    // MARK: Receiving

    /// Ends the operations that `count` events tell of: all under one lock, then the next ones go to the
    /// kernel, and only then their waiters are told, so that the device is never idle for their sake.
    private mutating func receive(_ count: Int, at now: UInt64) {
        idleTurns = 0
        pollEnd = nil
        var finishedCount = 0
        var wasWoken = false
        let duties = engine.core.withLock { core in
            for event in events[..<count] {
                if event.data == OperationID.wake.tag {
                    wasWoken = true
                    core.counters.wakeUps += 1
                } else if case .finished(let one) = core.receive(event, at: now) {
                    (finished + finishedCount).initialize(to: one)
                    finishedCount += 1
                }
            }
            engine.pendingCount.store(core.ledger.pending, ordering: .relaxed)
            return core.duties(afterEnding: finishedCount, onLoop: false)
        }
        if wasWoken {
            wakeIsArmed = false
            engine.wake.withLock { $0?.clear() }
        }
        engine.perform(duties)
        for place in 0..<finishedCount { (finished + place).move()() }
    }

    // MARK: Waiting

    /// For an event, or for whatever else the loop is needed for.
    private mutating func wait() -> Int {
        if !wakeIsArmed { wakeIsArmed = (try? armWake()) ?? false }
        // Before the polling already: work that comes meanwhile makes an event, and so ends it.
        guard engine.client?.prepareToSleep() ?? true else { return 0 }
        defer { engine.client?.didWake() }
        let (count, isOver) = poll()
        return isOver ? sleep() : count
    }

    /// Looks at the ring for as long as the configuration says: in pieces, as the waiters have to be looked
    /// after too. `isOver`: it was long enough, without an event.
    private mutating func poll() -> (count: Int, isOver: Bool) {
        guard engine.configuration.pollingNanoseconds > 0 else { return (0, true) }
        var now = caio_monotonic_ns()
        let end = pollEnd ?? now &+ engine.configuration.pollingNanoseconds
        pollEnd = end
        let pieceEnd = now &+ Self.tick
        while now < min(end, pieceEnd) {
            let count = engine.kernel.take(into: events)
            if count > 0 { return (count, false) }
            now = caio_monotonic_ns()
        }
        guard now >= end else { return (0, false) }
        pollEnd = nil
        return (0, true)
    }

    private mutating func sleep() -> Int {
        let result = engine.kernel.wait(into: events, timeoutNanoseconds: timeout())
        if result < 0, result != -Int(EINTR) {
            // Not to be expected of a living context; whatever it is, it must not become a busy loop.
            var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
            nanosleep(&pause, nil)
        }
        return max(0, result)
    }

    /// How long to sleep, in nanoseconds; negative: until woken.
    private mutating func timeout() -> Int64 {
        guard wakeIsArmed else { return 1_000_000 }
        let idleTurns = self.idleTurns
        let timeout = engine.core.withLock { core -> Int64 in
            core.loopSleepsDeeply = false
            engine.pendingCount.store(core.ledger.pending, ordering: .relaxed)
            if core.isStalled || core.retriesCancellation { return 1_000_000 }
            if !core.ledger.isEmpty { return Int64(Self.tick) }
            // Set under the same lock as the look at the ledger: the next operation cannot miss it.
            if core.phase != .running { return 0 }
            if idleTurns < Self.idleLimit { return Int64(Self.tick) }
            core.loopSleepsDeeply = true
            return -1
        }
        self.idleTurns += 1
        return timeout
    }

    /// Puts the poll on the wake-up event into the ring. False: no room just now.
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

    // MARK: Cancellation

    private mutating func lookForCancellations(at now: UInt64) {
        engine.retryCancellations()
        guard now &- lastLook >= Self.tick else { return }
        lastLook = now
        engine.core.withLock { $0.isStalled = false }
        engine.reinforceLane()
        engine.cancelUnwanted(olderThan: Self.ripe, now: now)
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The thread of a kernel context, and what it keeps between two iterations.
///
/// An iteration: run ready jobs, submit their operations, reap, and sleep if there was nothing. While anything is in
/// flight the sleep is bounded, so that cancelled waiters are found; after a while without any work the loop sleeps until
/// it is woken.
///
/// - `EngineLoop.swift`: the iteration, reaping, the scan.
/// - `EngineLoop+Sleep.swift`: polling, sleeping, the wake-up event.
struct EngineLoop: @unchecked Sendable {
    // Unchecked: made on one thread, then used by the loop's alone.
    unowned(unsafe) let engine: Engine
    let events: UnsafeMutableBufferPointer<CompletionEvent>
    private let completions: UnsafeMutablePointer<PendingCompletion>
    /// Whether the kernel context is there: until then the loop sleeps on the wake-up event alone.
    var hasKernel = false
    var wakeIsArmed = false
    private var lastScan: UInt64 = 0
    var idleIterations = 0
    /// When the current polling ends.
    var pollEnd: UInt64?

    private static let eventCapacity = 256
    /// How often the waiters are scanned, in nanoseconds. A cancellation is noticed at the latest so long after it was
    /// asked for, and ``minimumAge`` more.
    static let scanInterval: UInt64 = 2_500_000
    /// Operations younger than this are not scanned: nearly all complete before.
    private static let minimumAge: UInt64 = 1_000_000

    init(_ engine: Engine) {
        self.engine = engine
        events = .allocate(capacity: Self.eventCapacity)
        events.initialize(repeating: CompletionEvent())
        completions = .allocate(capacity: Self.eventCapacity)
    }

    func deallocate() {
        events.deallocate()
        completions.deallocate()
    }

    /// Runs until the engine is closed and the last operation has completed.
    mutating func run() {
        lastScan = caio_monotonic_ns()
        while true {
            let hasMoreJobs = engine.client?.runReady() ?? false
            findKernel()
            submit()
            var count = hasKernel ? engine.kernel.reap(into: events) : 0
            if count == 0 {
                // Also where jobs never end: they go on elsewhere.
                if !engine.isOpen, engine.isFinished { return }
                if !hasMoreJobs { count = wait() }
            }
            let now = caio_monotonic_ns()
            if count > 0 { complete(count, at: now) }
            scan(at: now)
        }
    }

    /// Notes that the kernel context was made. The thread that made it has armed the wake-up event.
    private mutating func findKernel() {
        // Acquire: pairs with the release in `prepareKernel`.
        guard !hasKernel, engine.hasKernel.load(ordering: .acquiring) else { return }
        hasKernel = true
        wakeIsArmed = true
    }

    private func submit() {
        let submits = engine.core.withLock { core in
            core.hasSubmittable && !core.isStalled && core.takeSubmitterRole()
        }
        if submits { engine.submitQueued() }
    }

    /// Completes the operations of `count` events: all in one locked region, then the next operations go to the kernel,
    /// and only then the waiters are resumed, so that the device is never idle for their sake.
    private mutating func complete(_ count: Int, at now: UInt64) {
        idleIterations = 0
        pollEnd = nil
        var completed = 0
        var wasWoken = false
        let actions = engine.core.withLock { core in
            for event in events[..<count] {
                if event.data == OperationID.wake.tag {
                    wasWoken = true
                    core.counters.wakeUps += 1
                } else if case .completed(let completion) = core.reap(event, at: now) {
                    (completions + completed).initialize(to: completion)
                    completed += 1
                }
            }
            engine.pendingCount.store(core.ledger.pending, ordering: .relaxed)
            return core.actions(afterCompleting: completed)
        }
        if wasWoken {
            wakeIsArmed = false
            clearWake()
        }
        engine.perform(actions)
        for index in 0..<completed { (completions + index).move().deliver() }
    }

    private mutating func scan(at now: UInt64) {
        engine.retryCancellations()
        guard now &- lastScan >= Self.scanInterval else { return }
        lastScan = now
        engine.core.withLock { $0.isStalled = false }
        engine.scanPool()
        engine.scanWaiters(olderThan: Self.minimumAge, now: now)
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization

/// The thread of a loop, and what it keeps between two iterations.
///
/// An iteration: run ready jobs, submit their operations, reap, and sleep if there was nothing. While anything is in
/// flight the sleep is bounded, so that cancelled waiters are found; after a while without any work the loop sleeps until
/// it is woken.
///
/// - `LoopThread.swift`: the iteration and the scan.
/// - `LoopThread+Sleep.swift`: polling and sleeping.
/// - `LoopThread+Watch.swift`: how a loop looks after others that are caught in a job.
struct LoopThread: @unchecked Sendable {
    // Unchecked: made and used on the loop's thread alone.
    unowned(unsafe) let loop: EngineLoop
    unowned(unsafe) let engine: Engine
    /// The engine's other loops.
    let siblings: [EngineLoop]
    let buffers = ReapingBuffers()
    /// What the loop reaps from.
    unowned(unsafe) var kernel: any KernelInterface
    private var hasKernel = false
    /// The time, as it was read last.
    var now: UInt64
    private var lastScan: UInt64
    var idleIterations = 0
    /// When the current polling ends.
    var pollEnd: UInt64?
    /// Whether this loop looks after the others.
    var isWatching = false

    /// How often the waiters are scanned, in nanoseconds. A cancellation is noticed at the latest so long after it was
    /// asked for, and ``minimumAge`` more.
    static let scanInterval: UInt64 = 2_500_000
    /// Operations younger than this are not scanned: nearly all complete before.
    static let minimumAge: UInt64 = 1_000_000

    init(_ loop: EngineLoop, siblings: [EngineLoop]) {
        self.loop = loop
        engine = loop.engine
        self.siblings = siblings.filter { $0 !== loop }
        kernel = loop.primary
        now = loop.clock.now()
        lastScan = now
    }

    func deallocate() { buffers.deallocate() }

    /// Runs until the engine is closed and its last operation has completed.
    mutating func run() {
        while true {
            let hasMoreJobs = runJobs()
            findKernel()
            loop.submit()
            var reaping = kernel.reap(into: buffers.events)
            if reaping.count <= 0, !reaping.wasWoken {
                // Also where jobs never end: they go on elsewhere.
                if !engine.isOpen, engine.isFinished { break }
                if !hasMoreJobs { reaping = wait() }
            }
            now = loop.clock.now()
            if reaping.count > 0 || reaping.wasWoken {
                idleIterations = 0
                pollEnd = nil
                loop.complete(reaping, in: buffers, at: now)
            }
            scan()
        }
        stopWatching()
        for sibling in siblings { sibling.wake() }
    }

    private mutating func runJobs() -> Bool {
        guard let client = loop.client else { return false }
        guard !siblings.isEmpty else { return client.runReady(at: now, on: loop) }
        guard client.hasJobs else { return false }
        stopWatching()
        loop.activity.beginJobs(at: now)
        if !engine.watch.hasWatcher { client.wakeIdle() }
        let hasMore = client.runReady(at: now, on: loop)
        loop.ringLock.withLock { _ in loop.activity.endJobs() }
        return hasMore
    }

    /// Goes over to the kernel that operations go to, once there is one.
    private mutating func findKernel() {
        // Acquire: pairs with the release in `prepareKernel`.
        guard !hasKernel, loop.hasKernel.load(ordering: .acquiring) else { return }
        hasKernel = true
        kernel = loop.kernel
    }

    private mutating func scan() {
        loop.retryCancellations()
        if isWatching { standIn() }
        guard now &- lastScan >= Self.scanInterval else { return }
        lastScan = now
        loop.core.withLock { $0.isStalled = false }
        engine.scanPool(at: now, interval: Self.scanInterval)
        loop.scanWaiters(olderThan: Self.minimumAge, now: now)
    }
}

import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

@Suite struct BlockingPoolTests {
    /// What the steps of a test have come to.
    struct Work: Sendable {
        var started = 0
        var active = 0
        var peak = 0
        var done = 0
        var isHeld = false
    }

    private func step(_ work: Monitor<Work>) -> @Sendable (UInt16) -> Void {
        { _ in
            work.withLock {
                $0.started += 1
                $0.active += 1
                $0.peak = max($0.peak, $0.active)
            }
            // A timeout shows in what the test expects of `done`.
            guard (try? work.wait(for: "the work to go on") { $0.isHeld ? nil : () }) != nil else { return }
            work.withLock {
                $0.active -= 1
                $0.done += 1
            }
        }
    }

    @Test(arguments: [1, 3, 8]) func doesAllWorkOnNoMoreThreadsThanAllowed(maximum: Int) async throws {
        let (pool, work) = (BlockingPool(maximum: maximum, name: "test-pool"), Monitor(Work(isHeld: true)))
        #expect(pool.signal(BlockingDemand(dedicated: 20), step: step(work)))
        try await work.wait(for: "\(maximum) active threads") { $0.active == maximum ? () : nil }
        #expect(pool.liveCounts.running == maximum)
        work.withLock { $0.isHeld = false }
        try await work.wait(for: "20 pieces of work") { $0.done == 20 ? () : nil }
        #expect(work.withLock { $0.peak } == maximum)
        try await onThread { pool.stop() }
    }

    @Test func startsOneThreadForOnePieceOfWork() async throws {
        let (pool, work) = (BlockingPool(maximum: 8, name: "test-pool"), Monitor(Work(isHeld: true)))
        for count in 1...3 {
            #expect(pool.signal(step: step(work)))
            #expect(pool.liveCounts.running == count)
        }
        work.withLock { $0.isHeld = false }
        try await onThread { pool.stop() }
        #expect(work.withLock { $0.done } == 3)
    }

    @Test func pooledWorkIsDoneByAFewThreads() async throws {
        let (pool, work) = (
            BlockingPool(maximum: 8, pooledMaximum: 2, name: "test-pool"), Monitor(Work(isHeld: true))
        )
        for _ in 0..<20 { #expect(pool.signal(BlockingDemand(pooled: 1), step: step(work))) }
        try await work.wait(for: "two active threads") { $0.active == 2 ? () : nil }
        #expect(pool.liveCounts.running == 2)
        work.withLock { $0.isHeld = false }
        try await work.wait(for: "20 pieces of work") { $0.done == 20 ? () : nil }
        #expect(work.withLock { $0.peak } == 2)
        try await onThread { pool.stop() }
    }

    @Test func pooledWorkThatMakesNoProgressGetsMoreThreadsAtEachScan() async throws {
        let (pool, work) = (
            BlockingPool(maximum: 7, pooledMaximum: 2, name: "test-pool"), Monitor(Work(isHeld: true))
        )
        #expect(pool.signal(BlockingDemand(pooled: 20), step: step(work)))
        try await work.wait(for: "two active threads") { $0.active == 2 ? () : nil }
        // The first scan finds that two pieces were taken since none was.
        pool.scan(step: step(work))
        #expect(pool.liveCounts.running == 2)
        for threads in [4, 7, 7] {
            pool.scan(step: step(work))
            try await work.wait(for: "\(threads) active threads") { $0.active == threads ? () : nil }
            #expect(pool.liveCounts.running == threads)
            // This scan finds the pieces that the new threads have taken.
            pool.scan(step: step(work))
        }
        work.withLock { $0.isHeld = false }
        try await work.wait(for: "20 pieces of work") { $0.done == 20 ? () : nil }
        try await onThread { pool.stop() }
    }

    @Test func dedicatedWorkFindsAThreadBesideHeldPooledWork() async throws {
        let (pool, work) = (
            BlockingPool(maximum: 8, pooledMaximum: 1, name: "test-pool"), Monitor(Work(isHeld: true))
        )
        #expect(pool.signal(BlockingDemand(pooled: 1), step: step(work)))
        #expect(pool.signal(BlockingDemand(dedicated: 2), step: step(work)))
        try await work.wait(for: "three active threads") { $0.active == 3 ? () : nil }
        work.withLock { $0.isHeld = false }
        try await onThread { pool.stop() }
        #expect(work.withLock { $0.done } == 3)
    }

    @Test func startsNoThreadWhenOneIsIdle() async throws {
        let (pool, work) = (BlockingPool(maximum: 8, name: "test-pool"), Monitor(Work()))
        for count in 1...50 {
            #expect(pool.signal(step: step(work)))
            try await work.wait(for: "the work") { $0.done == count ? () : nil }
            await spin { pool.liveCounts.idle == 1 }
            #expect(pool.liveCounts.running == 1)
        }
        try await onThread { pool.stop() }
    }

    @Test func startsThreadsForWhatIdleOnesDoNotReach() async throws {
        let (pool, work) = (BlockingPool(maximum: 4, name: "test-pool"), Monitor(Work()))
        #expect(pool.signal(BlockingDemand(dedicated: 2), step: step(work)))
        try await work.wait(for: "the work") { $0.done == 2 ? () : nil }
        await spin { pool.liveCounts.idle == pool.liveCounts.running }
        work.withLock { $0.isHeld = true }
        // In quick succession: an idle thread that was called and is not up yet counts once, not twice.
        for _ in 0..<4 { #expect(pool.signal(step: step(work))) }
        try await work.wait(for: "four active threads") { $0.active == 4 ? () : nil }
        work.withLock { $0.isHeld = false }
        try await onThread { pool.stop() }
        #expect(work.withLock { $0.done } == 6)
    }

    @Test func finishesTheWorkAndItsThreadsWhenStopped() async throws {
        for _ in 0..<100 {
            let (pool, work) = (BlockingPool(maximum: 3, name: "test-pool"), Monitor(Work()))
            #expect(pool.signal(BlockingDemand(dedicated: 7), step: step(work)))
            try await onThread { pool.stop() }
            #expect(work.withLock { $0.done } == 7)
            #expect(pool.liveCounts.running == 0)
            #expect(!pool.signal(step: step(work)))
            #expect(work.withLock { $0.started } == 7)
        }
    }

    @Test func stopsWithoutEverHavingStarted() {
        let pool = BlockingPool(maximum: 3, name: "test-pool")
        pool.stop()
        pool.stop()
        #expect(!pool.signal { _ in })
    }

    @Test func endsIdleThreadsAndGoesWithThem() async throws {
        let work = Monitor(Work())
        weak var watched: BlockingPool?
        do {
            let pool = BlockingPool(maximum: 3, name: "test-pool", idleSeconds: 0)
            watched = pool
            #expect(pool.signal(BlockingDemand(dedicated: 3), step: step(work)))
            try await work.wait(for: "the work") { $0.done == 3 ? () : nil }
            await spin { pool.liveCounts.running == 0 }
            #expect(pool.liveCounts.running == 0)
        }
        await spin { watched == nil }
        #expect(watched == nil)
    }

    /// Work that arrives just as the last thread gives up waiting must not be left lying.
    @Test func losesNoWorkToThreadsThatAreEnding() async throws {
        let pool = BlockingPool(maximum: 2, name: "test-pool", idleSeconds: 0)
        let done = Atomic<Int>(0)
        let lost = try await onThread {
            for count in 1...2_000 {
                guard pool.signal(step: { _ in done.add(1, ordering: .relaxed) }) else { return count }
                // Busy, to be at the mutex together with the thread that has nothing more to do.
                let start = ContinuousClock.now
                while done.load(ordering: .relaxed) < count {
                    if ContinuousClock.now - start > .seconds(5) { return count }
                }
            }
            return 0
        }
        #expect(lost == 0, "the piece of work that nobody did")
        #expect(done.load(ordering: .relaxed) == 2_000)
    }

    @Test func losesNoWorkToManySignallers() async throws {
        let (pool, work) = (BlockingPool(maximum: 4, name: "test-pool"), Monitor(Work()))
        let step = step(work)
        try await onThread {
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                for count in 1...250 { pool.signal(BlockingDemand(dedicated: 1 + count % 2), step: step) }
            }
            pool.stop()
        }
        #expect(work.withLock { $0.done } == 4 * (250 + 125))
        #expect(work.withLock { $0.peak } <= 4)
    }

    @Test func runsWithAsynchronousSignalsBlocked() async throws {
        let pool = BlockingPool(maximum: 1, name: "test-pool")
        let blocked = Monitor<Bool?>(nil)
        pool.signal { _ in
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            let all = [SIGINT, SIGTERM, SIGUSR1, SIGCHLD].allSatisfy { sigismember(&mask, $0) == 1 }
            blocked.withLock { $0 = all }
        }
        #expect(try await blocked.wait(for: "the mask") { $0 })
        try await onThread { pool.stop() }
    }
}

/// Yields until `condition` holds, or for so long that it never will; the test then expects it.
func spin(_ condition: () -> Bool) async {
    let start = ContinuousClock.now
    while !condition(), ContinuousClock.now - start < .seconds(20) { await Task.yield() }
}

extension BlockingPool {
    fileprivate func scan(step: @escaping @Sendable (UInt16) -> Void) {
        scan(perform: { client in
            step(client)
            return nil
        })
    }
}

import Dispatch
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

@Suite struct LaneThreadsTests {
    /// What the steps of a test have come to.
    struct Work: Sendable {
        var started = 0
        var active = 0
        var peak = 0
        var done = 0
        var isHeld = false
    }

    private func step(_ work: Monitor<Work>) -> @Sendable () -> Void {
        {
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
        let (lanes, work) = (LaneThreads(maximum: maximum, name: "test-lane"), Monitor(Work(isHeld: true)))
        #expect(lanes.signal(20, step: step(work)))
        try await work.wait(for: "\(maximum) active threads") { $0.active == maximum ? () : nil }
        #expect(lanes.census.running == maximum)
        work.withLock { $0.isHeld = false }
        try await work.wait(for: "20 pieces of work") { $0.done == 20 ? () : nil }
        #expect(work.withLock { $0.peak } == maximum)
        try await onThread { lanes.stop() }
    }

    @Test func startsOneThreadForOnePieceOfWork() async throws {
        let (lanes, work) = (LaneThreads(maximum: 8, name: "test-lane"), Monitor(Work(isHeld: true)))
        for count in 1...3 {
            #expect(lanes.signal(step: step(work)))
            #expect(lanes.census.running == count)
        }
        work.withLock { $0.isHeld = false }
        try await onThread { lanes.stop() }
        #expect(work.withLock { $0.done } == 3)
    }

    @Test func patientWorkIsDoneByAFewThreads() async throws {
        let (lanes, work) = (
            LaneThreads(maximum: 8, patientMaximum: 2, name: "test-lane"), Monitor(Work(isHeld: true))
        )
        for _ in 0..<20 { #expect(lanes.signal(0, patient: 1, step: step(work))) }
        try await work.wait(for: "two active threads") { $0.active == 2 ? () : nil }
        #expect(lanes.census.running == 2)
        work.withLock { $0.isHeld = false }
        try await work.wait(for: "20 pieces of work") { $0.done == 20 ? () : nil }
        #expect(work.withLock { $0.peak } == 2)
        try await onThread { lanes.stop() }
    }

    @Test func patientWorkThatDoesNotGetOnIsReinforcedUpToTheMaximum() async throws {
        let (lanes, work) = (
            LaneThreads(maximum: 7, patientMaximum: 2, name: "test-lane"), Monitor(Work(isHeld: true))
        )
        #expect(lanes.signal(0, patient: 20, step: step(work)))
        try await work.wait(for: "two active threads") { $0.active == 2 ? () : nil }
        // Two were taken since the last look, which was none.
        lanes.reinforce(step: step(work))
        #expect(lanes.census.running == 2)
        for threads in [4, 7, 7] {
            lanes.reinforce(step: step(work))
            try await work.wait(for: "\(threads) active threads") { $0.active == threads ? () : nil }
            #expect(lanes.census.running == threads)
            // Again, they were taken since the last look.
            lanes.reinforce(step: step(work))
        }
        work.withLock { $0.isHeld = false }
        try await work.wait(for: "20 pieces of work") { $0.done == 20 ? () : nil }
        try await onThread { lanes.stop() }
    }

    @Test func eagerWorkFindsAThreadBesideHeldPatientWork() async throws {
        let (lanes, work) = (
            LaneThreads(maximum: 8, patientMaximum: 1, name: "test-lane"), Monitor(Work(isHeld: true))
        )
        #expect(lanes.signal(0, patient: 1, step: step(work)))
        #expect(lanes.signal(2, step: step(work)))
        try await work.wait(for: "three active threads") { $0.active == 3 ? () : nil }
        work.withLock { $0.isHeld = false }
        try await onThread { lanes.stop() }
        #expect(work.withLock { $0.done } == 3)
    }

    @Test func startsNoThreadWhenOneIsIdle() async throws {
        let (lanes, work) = (LaneThreads(maximum: 8, name: "test-lane"), Monitor(Work()))
        for count in 1...50 {
            #expect(lanes.signal(step: step(work)))
            try await work.wait(for: "the work") { $0.done == count ? () : nil }
            await spin { lanes.census.idle == 1 }
            #expect(lanes.census.running == 1)
        }
        try await onThread { lanes.stop() }
    }

    @Test func startsThreadsForWhatIdleOnesDoNotReach() async throws {
        let (lanes, work) = (LaneThreads(maximum: 4, name: "test-lane"), Monitor(Work()))
        #expect(lanes.signal(2, step: step(work)))
        try await work.wait(for: "the work") { $0.done == 2 ? () : nil }
        await spin { lanes.census.idle == lanes.census.running }
        work.withLock { $0.isHeld = true }
        // Signalled in quick succession: a sleeper that was woken and is not up yet counts once, not twice.
        for _ in 0..<4 { #expect(lanes.signal(step: step(work))) }
        try await work.wait(for: "four active threads") { $0.active == 4 ? () : nil }
        work.withLock { $0.isHeld = false }
        try await onThread { lanes.stop() }
        #expect(work.withLock { $0.done } == 6)
    }

    @Test func finishesTheWorkAndItsThreadsWhenStopped() async throws {
        for _ in 0..<100 {
            let (lanes, work) = (LaneThreads(maximum: 3, name: "test-lane"), Monitor(Work()))
            #expect(lanes.signal(7, step: step(work)))
            try await onThread { lanes.stop() }
            #expect(work.withLock { $0.done } == 7)
            #expect(lanes.census.running == 0)
            #expect(!lanes.signal(step: step(work)))
            #expect(work.withLock { $0.started } == 7)
        }
    }

    @Test func stopsWithoutEverHavingStarted() {
        let lanes = LaneThreads(maximum: 3, name: "test-lane")
        lanes.stop()
        lanes.stop()
        #expect(!lanes.signal {})
    }

    @Test func endsIdleThreadsAndGoesWithThem() async throws {
        let work = Monitor(Work())
        weak var watched: LaneThreads?
        do {
            let lanes = LaneThreads(maximum: 3, name: "test-lane", idleSeconds: 0)
            watched = lanes
            #expect(lanes.signal(3, step: step(work)))
            try await work.wait(for: "the work") { $0.done == 3 ? () : nil }
            await spin { lanes.census.running == 0 }
            #expect(lanes.census.running == 0)
        }
        await spin { watched == nil }
        #expect(watched == nil)
    }

    /// Work that arrives just as the last thread gives up waiting must not be left lying.
    @Test func losesNoWorkToThreadsThatAreEnding() async throws {
        let lanes = LaneThreads(maximum: 2, name: "test-lane", idleSeconds: 0)
        let done = Atomic<Int>(0)
        let lost = try await onThread {
            for count in 1...2_000 {
                guard lanes.signal(step: { done.add(1, ordering: .relaxed) }) else { return count }
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
        let (lanes, work) = (LaneThreads(maximum: 4, name: "test-lane"), Monitor(Work()))
        let step = step(work)
        try await onThread {
            DispatchQueue.concurrentPerform(iterations: 4) { _ in
                for count in 1...250 { lanes.signal(1 + count % 2, step: step) }
            }
            lanes.stop()
        }
        #expect(work.withLock { $0.done } == 4 * (250 + 125))
        #expect(work.withLock { $0.peak } <= 4)
    }

    @Test func runsWithEverySignalBlocked() async throws {
        let lanes = LaneThreads(maximum: 1, name: "test-lane")
        let blocked = Monitor<Bool?>(nil)
        lanes.signal {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            let all = [SIGINT, SIGTERM, SIGUSR1, SIGCHLD].allSatisfy { sigismember(&mask, $0) == 1 }
            blocked.withLock { $0 = all }
        }
        #expect(try await blocked.wait(for: "the mask") { $0 })
        try await onThread { lanes.stop() }
    }
}

/// Until it is so, or for a time so long that it will not be; the test then expects it.
func spin(_ condition: () -> Bool) async {
    let start = ContinuousClock.now
    while !condition(), ContinuousClock.now - start < .seconds(20) { await Task.yield() }
}

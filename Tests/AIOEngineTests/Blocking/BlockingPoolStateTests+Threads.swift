import Testing

@testable import AIOEngine

/// What the threads of a pool do next, the stop, and the invariants.
extension BlockingPoolStateTests {
    @Test func aThreadThatComesUpRunsWhatIsQueued() {
        var state = BlockingPoolState()
        _ = state.announce(BlockingDemand(dedicated: 1))
        #expect(state.threadCameUp() == .run)
        #expect((state.queued, state.dequeued, state.starting, state.executing) == (0, 1, 0, 1))
    }

    @Test func aThreadThatComesUpForWorkThatIsGoneSleeps() {
        var state = BlockingPoolState(executing: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        _ = state.threadFinished()
        #expect(state.threadCameUp() == .sleep)
        #expect((state.starting, state.executing, state.idle) == (0, 1, 1))
    }

    @Test func aThreadThatComesUpInAStoppedPoolWithoutWorkEnds() {
        var state = BlockingPoolState(executing: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        _ = state.threadFinished()
        _ = state.stop()
        #expect(state.threadCameUp() == .end)
        #expect(state.running == 1)
    }

    @Test func aThreadThatHasFinishedRunsWhatIsQueued() {
        var state = BlockingPoolState(maximum: 1, executing: 1)
        _ = state.announce(BlockingDemand(dedicated: 2))
        #expect(state.threadFinished() == .run)
        #expect((state.queued, state.executing) == (1, 1))
    }

    @Test func aThreadThatHasFinishedTheLastPieceSleeps() {
        var state = BlockingPoolState(executing: 1)
        #expect(state.threadFinished() == .sleep)
        #expect((state.executing, state.idle, state.running) == (0, 1, 1))
    }

    @Test func aThreadThatWakesCalledRunsTheWork() {
        var state = BlockingPoolState(idle: 2)
        _ = state.announce(BlockingDemand(dedicated: 1))
        #expect(state.threadWoke() == .run)
        #expect((state.idle, state.called, state.executing) == (1, 0, 1))
    }

    @Test func aThreadThatWakesCalledForWorkThatIsGoneSleepsAgain() {
        var state = BlockingPoolState(executing: 1, idle: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        _ = state.threadFinished()
        #expect(state.threadWoke() == .sleep)
        #expect((state.idle, state.called) == (1, 0))
    }

    @Test func aThreadThatWakesUncalledSleepsAgain() {
        var state = BlockingPoolState(idle: 1)
        let before = state
        #expect(state.threadWoke() == .sleep)
        #expect(state == before)
    }

    @Test func aThreadThatWakesUncalledTakesTheWorkOfTheOneThatWasCalled() {
        var state = BlockingPoolState(idle: 2)
        _ = state.announce(BlockingDemand(dedicated: 1))
        #expect(state.threadWoke() == .run)
        #expect(state.threadWoke() == .sleep)
        #expect((state.idle, state.called, state.executing) == (1, 0, 1))
    }

    @Test func aThreadThatTimesOutEnds() {
        var state = BlockingPoolState(idle: 1)
        #expect(state.threadTimedOut() == .end)
        #expect(state.running == 0)
    }

    @Test func aThreadThatTimesOutAsWorkComesRunsIt() {
        var state = BlockingPoolState(idle: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        #expect(state.threadTimedOut() == .run)
        #expect((state.idle, state.called, state.executing) == (0, 0, 1))
    }

    // MARK: The stop

    @Test func aStopWakesEveryThread() {
        var state = BlockingPoolState(executing: 1, idle: 2)
        #expect(state.stop() == Actions(signalsAll: true))
        #expect((state.isStopped, state.called) == (true, 2))
        #expect(state.threadWoke() == .end)
        #expect(state.threadWoke() == .end)
        #expect(state.threadFinished() == .end)
        #expect(state.running == 0)
    }

    @Test func aStopLetsTheQueuedWorkBeDone() {
        var state = BlockingPoolState(maximum: 1, executing: 1)
        _ = state.announce(BlockingDemand(dedicated: 2))
        _ = state.stop()
        #expect([state.threadFinished(), state.threadFinished(), state.threadFinished()] == [.run, .run, .end])
    }

    @Test func aSecondStopChangesNothing() {
        var state = BlockingPoolState(executing: 1, idle: 1)
        _ = state.stop()
        let before = state
        #expect(state.stop() == Actions(signalsAll: true))
        #expect(state == before)
    }

    // MARK: Invariants

    @Test func brokenInvariantsAreNamed() {
        let broken: [(sentence: String, breakIt: (inout BlockingPoolState) -> Void)] = [
            ("queued is -1, below zero", { $0.queued = -1 }),
            ("executing is -2, below zero", { $0.executing = -2 }),
            ("4 threads are running, 3 are allowed", { $0.starting = 4 }),
            ("2 threads are called, only 1 are idle", { ($0.called, $0.idle) = (2, 1) }),
            ("the last scan found 2 pieces dequeued, there were never more than 0", { $0.dequeuedAtLastScan = 2 }),
            ("3 pieces of work are queued and no thread is awake", { ($0.queued, $0.idle) = (3, 3) }),
            ("1 threads sleep uncalled in a stopped pool", { ($0.isStopped, $0.idle) = (true, 1) }),
        ]
        for (sentence, breakIt) in broken {
            var state = BlockingPoolState(maximum: 3)
            #expect(state.violation() == nil)
            breakIt(&state)
            #expect(state.violation() == sentence)
        }
    }
}

extension BlockingPoolState {
    /// A pool whose threads have come up: so many execute, so many sleep.
    init(maximum: Int = 8, pooledMaximum: Int = 2, executing: Int = 0, idle: Int = 0) {
        self.init(maximum: maximum, pooledMaximum: pooledMaximum)
        _ = announce(BlockingDemand(dedicated: executing + idle))
        for _ in 0..<executing + idle { _ = threadCameUp() }
        for _ in 0..<idle { _ = threadFinished() }
    }

    /// What the only thread does next, which comes up or has finished.
    mutating func takeNext() -> ThreadAction { starting > 0 ? threadCameUp() : threadFinished() }
}

import Testing

@testable import AIOEngine

@Suite struct BlockingPoolStateTests {
    typealias Actions = BlockingPoolState.Actions

    // MARK: Work that is announced

    @Test func aDedicatedPieceStartsAThreadWhereNoneIsIdle() {
        var state = BlockingPoolState(executing: 2)
        #expect(state.announce(BlockingDemand(dedicated: 1)) == Actions(starts: 1))
        #expect((state.queued, state.starting, state.running) == (1, 1, 3))
    }

    @Test func aDedicatedPieceSignalsAThreadThatIsIdle() {
        var state = BlockingPoolState(idle: 1)
        #expect(state.announce(BlockingDemand(dedicated: 1)) == Actions(signals: 1))
        #expect((state.queued, state.called, state.running) == (1, 1, 1))
    }

    @Test func dedicatedPiecesSignalTheIdleThreadsAndStartTheRest() {
        var state = BlockingPoolState(executing: 1, idle: 2)
        #expect(state.announce(BlockingDemand(dedicated: 5)) == Actions(starts: 3, signals: 2))
    }

    @Test func noThreadIsStartedBeyondTheMaximum() {
        var state = BlockingPoolState(maximum: 4, executing: 1)
        #expect(state.announce(BlockingDemand(dedicated: 5)) == Actions(starts: 3))
        #expect(state.announce(BlockingDemand(dedicated: 5)) == Actions())
        #expect(state.queued == 10)
    }

    @Test func aThreadThatIsCalledIsNotSignalledAgain() {
        var state = BlockingPoolState(idle: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        #expect(state.announce(BlockingDemand(dedicated: 1)) == Actions(starts: 1))
    }

    @Test func aPieceThatACalledThreadWillTakeStartsNone() {
        var state = BlockingPoolState(executing: 1, idle: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        // The piece that the idle thread was called for is gone before it is up.
        #expect(state.threadFinished() == .run)
        #expect(state.announce(BlockingDemand(dedicated: 1)) == Actions())
        #expect(state.announce(BlockingDemand(dedicated: 1)) == Actions(starts: 1))
    }

    @Test func pooledPiecesStartThreadsUpToTheirMaximum() {
        var state = BlockingPoolState(pooledMaximum: 3)
        #expect(state.announce(BlockingDemand(pooled: 1)) == Actions(starts: 1))
        #expect(state.announce(BlockingDemand(pooled: 20)) == Actions(starts: 2))
        #expect(state.announce(BlockingDemand(pooled: 20)) == Actions())
    }

    @Test func pooledPiecesSignalIdleThreadsUpToTheirMaximum() {
        var state = BlockingPoolState(executing: 1, idle: 3)
        #expect(state.announce(BlockingDemand(pooled: 20)) == Actions(signals: 1))
        #expect(state.announce(BlockingDemand(pooled: 20)) == Actions())
    }

    @Test func pooledPiecesBehindMoreThreadsThanTheirMaximumBringNone() {
        var state = BlockingPoolState(executing: 5, idle: 1)
        #expect(state.announce(BlockingDemand(pooled: 20)) == Actions())
    }

    @Test func pooledPiecesFillUpWhatDedicatedOnesBeginWith() {
        var state = BlockingPoolState(pooledMaximum: 3)
        #expect(state.announce(BlockingDemand(dedicated: 1, pooled: 9)) == Actions(starts: 3))
        #expect(state.announce(BlockingDemand(dedicated: 2, pooled: 9)) == Actions(starts: 2))
    }

    @Test func noWorkChangesNothing() {
        var state = BlockingPoolState(executing: 1, idle: 1)
        let before = state
        #expect(state.announce(BlockingDemand()) == Actions())
        #expect(state == before)
    }

    @Test func aStoppedPoolRefusesWork() {
        var state = BlockingPoolState(executing: 1)
        _ = state.stop()
        let before = state
        #expect(state.announce(BlockingDemand(dedicated: 1)) == nil)
        #expect(state == before)
    }

    @Test(arguments: [(0, 0, 1, 1), (3, 0, 3, 1), (3, 7, 3, 3), (3, 2, 3, 2)])
    func maximaOutOfRangeAreBroughtInto(maximum: Int, pooledMaximum: Int, expected: Int, expectedPooled: Int) {
        let state = BlockingPoolState(maximum: maximum, pooledMaximum: pooledMaximum)
        #expect((state.maximum, state.pooledMaximum) == (expected, expectedPooled))
    }

    // MARK: Threads that cannot be started

    @Test func aFirstThreadThatCannotBeStartedWithdrawsTheWork() {
        var state = BlockingPoolState()
        let before = state
        #expect(state.announce(BlockingDemand(dedicated: 3, pooled: 2)) == Actions(starts: 3))
        state.startsFailed(3)
        #expect(state == before)
    }

    @Test func furtherThreadsThatCannotBeStartedLeaveTheWorkToTheFirst() {
        var state = BlockingPoolState()
        _ = state.announce(BlockingDemand(dedicated: 3))
        state.startsFailed(2)
        #expect((state.queued, state.starting, state.running) == (3, 1, 1))
        for _ in 0..<3 { #expect(state.takeNext() == .run) }
        #expect(state.takeNext() == .sleep)
    }

    @Test func aThreadThatCannotBeStartedIsAskedForAgainByTheNextPiece() {
        var state = BlockingPoolState(executing: 1)
        _ = state.announce(BlockingDemand(dedicated: 1))
        state.startsFailed(1)
        #expect((state.queued, state.running) == (1, 1))
        #expect(state.announce(BlockingDemand(dedicated: 1)) == Actions(starts: 1))
    }

    // MARK: Scans

    @Test func aScanWithoutQueuedWorkDoesNothing() {
        var state = BlockingPoolState(executing: 2, idle: 1)
        for _ in 0..<3 { #expect(state.scan() == Actions()) }
    }

    @Test func aScanAfterProgressDoesNothing() {
        var state = BlockingPoolState(executing: 2)
        _ = state.announce(BlockingDemand(pooled: 9))
        for _ in 0..<3 {
            #expect(state.threadFinished() == .run)
            #expect(state.scan() == Actions())
        }
    }

    @Test func eachScanWithoutProgressDoublesTheThreadsThatAreAwake() {
        var state = BlockingPoolState(maximum: 7, executing: 2)
        _ = state.announce(BlockingDemand(pooled: 20))
        #expect(state.scan() == Actions())
        #expect(state.scan() == Actions(starts: 2))
        #expect(state.scan() == Actions(starts: 3))
        #expect(state.scan() == Actions())
        #expect(state.running == 7)
    }

    @Test func aScanSignalsTheIdleThreadsBeforeItStartsAny() {
        var state = BlockingPoolState(executing: 2, idle: 1)
        _ = state.announce(BlockingDemand(pooled: 9))
        _ = state.scan()
        #expect(state.scan() == Actions(starts: 1, signals: 1))
    }

    @Test func aScanBringsNoMoreThreadsThanThereIsWork() {
        var state = BlockingPoolState(executing: 3)
        _ = state.announce(BlockingDemand(pooled: 1))
        _ = state.scan()
        #expect(state.scan() == Actions(starts: 1))
        #expect(state.scan() == Actions())
    }

    @Test func aScanOfAStoppedPoolDoesNothing() {
        var state = BlockingPoolState(executing: 1)
        _ = state.announce(BlockingDemand(pooled: 9))
        _ = state.stop()
        for _ in 0..<3 { #expect(state.scan() == Actions()) }
    }
}

import Testing

@testable import AIOEngine

/// Single transitions, and what the walk's few operations do not reach.
@Suite struct OperationLedgerTests {
    @Test func startsEmpty() {
        var ledger = OperationLedger(queueDepth: 4, maximumPending: nil)
        #expect(ledger.isEmpty)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == nil)
        #expect(ledger.takeForLane() == nil)
        #expect(ledger.violation() == nil)
    }

    @Test func submitsInOrderUpToItsDepth() throws {
        var ledger = OperationLedger(queueDepth: 2, maximumPending: nil)
        let ids = try (0..<4).map { _ in try ledger.admitted() }
        #expect(ledger.takeForSubmission() == ids[0].index)
        #expect(ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == ids[1].index)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == nil)
        #expect(ledger.answer(ids[1]) == .deliver(.none))
        #expect(ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == ids[2].index)
        #expect((ledger.inFlight, ledger.pending, ledger.live) == (2, 1, 3))
        #expect(ledger.violation() == nil)
    }

    @Test func takesWhatWasRefusedBackInOrder() throws {
        var ledger = OperationLedger(queueDepth: 4, maximumPending: nil)
        let ids = try (0..<4).map { _ in try ledger.admitted() }
        let taken = (0..<3).compactMap { _ in ledger.takeForSubmission() }
        for index in taken.dropFirst().reversed() { ledger.returnToQueue(index) }
        #expect(ledger.violation() == nil)
        #expect((0..<3).compactMap { _ in ledger.takeForSubmission() } == ids.dropFirst().map(\.index))
    }

    @Test func countsOnlyWhatWaitsAgainstTheBacklog() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: 1)
        _ = try ledger.admitted()
        #expect(ledger.admit(to: .kernel, startsAtOnce: false) == .overloaded)
        #expect(ledger.admit(to: .laneCall, startsAtOnce: false) == .overloaded)
        _ = ledger.takeForSubmission()
        _ = try ledger.admitted()
        #expect(ledger.admit(to: .kernel, startsAtOnce: false) == .overloaded)
        #expect(ledger.live == 2)
        #expect(ledger.violation() == nil)
    }

    @Test func admitsWhatStartsAtOnceWithNoBacklogAtAll() {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: 0)
        #expect(ledger.admit(to: .kernel, startsAtOnce: false) == .overloaded)
        #expect(ledger.admit(to: .kernel, startsAtOnce: true) != .overloaded)
    }

    @Test func isOverloadedWithoutASlot() throws {
        var ledger = OperationLedger(queueDepth: 8, maximumPending: nil, maximumCount: 2)
        let first = try ledger.admitted()
        _ = try ledger.admitted()
        #expect(ledger.admit(to: .kernel, startsAtOnce: true) == .overloaded)
        #expect(ledger.cancel(first, policy: .report, as: .cancelled) == .removed(wasInFlight: false))
        #expect(try ledger.admitted().index == first.index)
    }

    @Test func givesASlotsNextUserAnotherName() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        var names: Set<OperationID> = []
        for _ in 0..<100 {
            let id = try ledger.admitted()
            #expect(names.insert(id).inserted)
            _ = ledger.takeForSubmission()
            #expect(ledger.answer(id) == .deliver(.none))
            #expect(ledger.answer(id) == .spurious)
        }
        #expect(ledger.records.count == 1)
    }

    @Test func outlivesTheLastGeneration() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let first = try ledger.admitted()
        ledger.records[Int(first.index)].generation = .max
        let last = OperationID(index: first.index, generation: .max)
        _ = ledger.takeForSubmission()
        #expect(ledger.answer(last) == .deliver(.none))
        #expect(try ledger.admitted() == OperationID(index: first.index, generation: 0))
        #expect(ledger.answer(last) == .spurious)
    }

    @Test func letsTheHolderOfAPlacePassAnOperationThatNeedsOne() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let holder = try ledger.admitted()
        let needy = try ledger.admitted(to: .laneSubmit)
        _ = ledger.takeForSubmission()
        #expect(ledger.takeForLane() == nil)
        ledger.moveToLane(holder.index)
        #expect(ledger.takeForLane() == .resubmit(holder))
        #expect(ledger.takeForLane() == nil)
        #expect(ledger.laneWaitingForPlace == 1)
        #expect(ledger.answer(holder) == .deliver(.none))
        #expect(ledger.takeForLane() == .submit(needy))
        #expect(ledger.laneWaitingForPlace == 0)
        #expect(ledger.violation() == nil)
    }

    @Test func letsCallsPassWhatNeedsAPlace() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        _ = try ledger.admitted()
        _ = ledger.takeForSubmission()
        let needy = try ledger.admitted(to: .laneSubmit)
        let call = try ledger.admitted(to: .laneCall)
        #expect(ledger.takeForLane() == .call(call))
        #expect(ledger.laneRunning == 1)
        #expect(ledger.cancel(needy, policy: .abandon, as: .cancelled) == .removed(wasInFlight: false))
        #expect(ledger.takeForLane() == nil)
        #expect(ledger.violation() == nil)
    }

    @Test func leavesTheLastPlaceToTheLaneWhileSomethingWaitsThere() throws {
        var ledger = OperationLedger(queueDepth: 2, maximumPending: nil)
        let queued = try (0..<3).map { _ in try ledger.admitted() }
        let needy = try ledger.admitted(to: .laneSubmit)
        #expect(ledger.takeForSubmission() == queued[0].index)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == nil)
        #expect(ledger.takeForLane() == .submit(needy))
        #expect(ledger.answer(queued[0]) == .deliver(.none))
        #expect(ledger.takeForSubmission() == queued[1].index)
        #expect(ledger.violation() == nil)
    }

    @Test func givesTheLanesPlaceBackWhenItsOperationIsCancelled() throws {
        var ledger = OperationLedger(queueDepth: 2, maximumPending: nil)
        let queued = try (0..<2).map { _ in try ledger.admitted() }
        let needy = try ledger.admitted(to: .laneSubmit)
        _ = ledger.takeForSubmission()
        #expect(!ledger.hasSubmittable)
        #expect(ledger.cancel(needy, policy: .report, as: .cancelled) == .removed(wasInFlight: false))
        #expect(ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == queued[1].index)
    }

    @Test func keepsAPlaceForWhatALaneThreadDoesInTheKernelsStead() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let id = try ledger.admitted(to: .laneSubmit)
        #expect(ledger.takeForLane() == .submit(id))
        ledger.laneRunsItself(id)
        #expect(ledger.state(id.index) == .laneRunning)
        #expect(!ledger.isAwaited(id))
        #expect((ledger.placesTaken, ledger.laneRunning, ledger.inFlight) == (1, 0, 1))
        #expect(ledger.answer(id) == .deliver(.none))
        #expect(ledger.isEmpty)
    }

    @Test func asksForAPollAgainThatWasNotThereYet() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let id = try ledger.admitted()
        _ = ledger.takeForSubmission()
        for _ in 0..<3 {
            #expect(ledger.cancel(id, policy: .report, as: .cancelled) == .askKernel)
            #expect(ledger.kernelRefuses(id, isPoll: true, policy: .report, wish: .cancelled) == .wait)
            #expect(ledger.wish(id.index) == .wanted)
        }
        #expect(ledger.cancel(id, policy: .report, as: .shutDown) == .askKernel)
        ledger.kernelCancels(id, as: .shutDown)
        #expect(ledger.cancel(id, policy: .report, as: .cancelled) == .none)
        #expect(ledger.answer(id) == .deliver(.shutDown))
    }

    @Test func forgetsTheWishesOfASlotsLastUser() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let first = try ledger.admitted()
        _ = ledger.takeForSubmission()
        _ = ledger.kernelRefuses(first, isPoll: false, policy: .abandon, wish: .cancelled)
        #expect(ledger.answer(first) == .late)
        let second = try ledger.admitted()
        #expect(second.index == first.index)
        #expect(!ledger.isAbandoned(second.index))
        #expect(ledger.wish(second.index) == .none)
    }

    @Test func tellsABrokenListFromAWholeOne() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let ids = try (0..<3).map { _ in try ledger.admitted() }
        var broken = ledger
        broken.records[Int(ids[1].index)].previous = .none
        #expect(broken.violation() != nil)
        broken = ledger
        broken.records[Int(ids[2].index)].next = ids[0].index
        #expect(broken.violation() != nil)
        broken = ledger
        broken.records[Int(ids[1].index)].holdsPlace = true
        #expect(broken.violation() != nil)
        broken = ledger
        broken.pending += 1
        #expect(broken.violation() != nil)
        #expect(ledger.violation() == nil)
    }
}

extension OperationLedger {
    struct Overloaded: Error {}

    mutating func admitted(to entry: Entry = .kernel) throws -> OperationID {
        guard case .admitted(let id) = admit(to: entry, startsAtOnce: false) else { throw Overloaded() }
        return id
    }
}

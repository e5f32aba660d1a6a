import Testing

@testable import AIOEngine

/// Single transitions, and what the walk's few operations do not reach.
@Suite struct OperationLedgerTests {
    @Test func startsEmpty() {
        var ledger = OperationLedger(queueDepth: 4, maximumPending: nil)
        #expect(ledger.isEmpty)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.takeForSubmission() == nil)
        #expect(ledger.takeForLane { _ in true } == nil)
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
        #expect(ledger.admit(onLane: false, startsAtOnce: false) == .overloaded)
        #expect(ledger.admit(onLane: true, startsAtOnce: false) == .overloaded)
        _ = ledger.takeForSubmission()
        _ = try ledger.admitted()
        #expect(ledger.admit(onLane: false, startsAtOnce: false) == .overloaded)
        #expect(ledger.live == 2)
        #expect(ledger.violation() == nil)
    }

    @Test func admitsWhatStartsAtOnceWithNoBacklogAtAll() {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: 0)
        #expect(ledger.admit(onLane: false, startsAtOnce: false) == .overloaded)
        #expect(ledger.admit(onLane: false, startsAtOnce: true) != .overloaded)
    }

    @Test func isOverloadedWithoutASlot() throws {
        var ledger = OperationLedger(queueDepth: 8, maximumPending: nil, maximumCount: 2)
        let first = try ledger.admitted()
        _ = try ledger.admitted()
        #expect(ledger.admit(onLane: false, startsAtOnce: true) == .overloaded)
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
        let needy = try ledger.admitted(onLane: true)
        _ = ledger.takeForSubmission()
        #expect(ledger.takeForLane { _ in true } == nil)
        #expect(!ledger.hasStalledLaneWork)
        ledger.moveToLane(holder.index)
        #expect(ledger.takeForLane { _ in true } == .submit(holder))
        #expect(ledger.takeForLane { _ in true } == nil)
        #expect(ledger.answer(holder) == .deliver(.none))
        #expect(ledger.hasStalledLaneWork)
        #expect(ledger.takeForLane { _ in true } == .submit(needy))
        #expect(!ledger.hasStalledLaneWork)
        #expect(ledger.violation() == nil)
    }

    @Test func letsCallsPassWhatNeedsAPlace() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        _ = try ledger.admitted()
        _ = ledger.takeForSubmission()
        let needy = try ledger.admitted(onLane: true)
        let call = try ledger.admitted(onLane: true)
        #expect(ledger.takeForLane { $0 == needy.index } == .call(call))
        #expect(ledger.laneRunning == 1)
        #expect(ledger.cancel(needy, policy: .abandon, as: .cancelled) == .removed(wasInFlight: false))
        #expect(ledger.takeForLane { _ in true } == nil)
        #expect(ledger.violation() == nil)
    }

    @Test func keepsAPlaceForWhatALaneThreadDoesInTheKernelsStead() throws {
        var ledger = OperationLedger(queueDepth: 1, maximumPending: nil)
        let id = try ledger.admitted(onLane: true)
        #expect(ledger.takeForLane { _ in true } == .submit(id))
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

    mutating func admitted(onLane: Bool = false) throws -> OperationID {
        guard case .admitted(let id) = admit(onLane: onLane, startsAtOnce: false) else { throw Overloaded() }
        return id
    }
}

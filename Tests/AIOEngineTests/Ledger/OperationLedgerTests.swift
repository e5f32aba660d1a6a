import Testing

@testable import AIOEngine

/// Single transitions, and states that the walk's few operations do not reach.
@Suite struct OperationLedgerTests {
    @Test func startsEmpty() {
        var ledger = OperationLedger(queueDepth: 4)
        #expect(ledger.isEmpty)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.dequeueForSubmission() == nil)
        #expect(ledger.dequeueForPool() == nil)
        #expect(ledger.violation() == nil)
    }

    @Test func submitsInOrderUpToItsDepth() throws {
        var ledger = OperationLedger(queueDepth: 2)
        let ids = try (0..<4).map { _ in try ledger.admitted() }
        #expect(ledger.dequeueForSubmission() == ids[0].index)
        #expect(ledger.hasSubmittable)
        #expect(ledger.dequeueForSubmission() == ids[1].index)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.dequeueForSubmission() == nil)
        #expect(ledger.complete(ids[1]) == .awaited(.none))
        #expect(ledger.hasSubmittable)
        #expect(ledger.dequeueForSubmission() == ids[2].index)
        #expect((ledger.inFlight, ledger.pending, ledger.live) == (2, 1, 3))
        #expect(ledger.violation() == nil)
    }

    @Test func requeuesRefusedOperationsInOrder() throws {
        var ledger = OperationLedger(queueDepth: 4)
        let ids = try (0..<4).map { _ in try ledger.admitted() }
        let dequeued = (0..<3).compactMap { _ in ledger.dequeueForSubmission() }
        for index in dequeued.dropFirst().reversed() { ledger.requeue(index) }
        #expect(ledger.violation() == nil)
        #expect((0..<3).compactMap { _ in ledger.dequeueForSubmission() } == ids.dropFirst().map(\.index))
    }

    @Test func admitsNothingWithoutASlot() throws {
        var ledger = OperationLedger(queueDepth: 8, maximumCount: 2)
        let first = try ledger.admitted()
        _ = try ledger.admitted()
        #expect(ledger.admit(to: .kernel) == nil)
        #expect(ledger.cancel(first, policy: .report, .cancelled) == .decided(.removed(wasInFlight: false)))
        #expect(try ledger.admitted().index == first.index)
    }

    @Test func givesASlotsNextUserAnotherID() throws {
        var ledger = OperationLedger(queueDepth: 1)
        var ids: Set<OperationID> = []
        for _ in 0..<100 {
            let id = try ledger.admitted()
            #expect(ids.insert(id).inserted)
            _ = ledger.dequeueForSubmission()
            #expect(ledger.complete(id) == .awaited(.none))
            #expect(ledger.complete(id) == .spurious)
        }
        #expect(ledger.entries.count == 1)
    }

    @Test func outlivesTheLastGeneration() throws {
        var ledger = OperationLedger(queueDepth: 1)
        let first = try ledger.admitted()
        ledger.entries[Int(first.index)].generation = .max
        let last = OperationID(index: first.index, generation: .max)
        _ = ledger.dequeueForSubmission()
        #expect(ledger.complete(last) == .awaited(.none))
        #expect(try ledger.admitted() == OperationID(index: first.index, generation: 0))
        #expect(ledger.complete(last) == .spurious)
    }

    @Test func letsAPermitHolderPassAnOperationThatAwaitsAPermit() throws {
        var ledger = OperationLedger(queueDepth: 1)
        let holder = try ledger.admitted()
        let awaiting = try ledger.admitted(to: .permit)
        _ = ledger.dequeueForSubmission()
        #expect(ledger.dequeueForPool() == nil)
        ledger.moveToPool(holder.index)
        #expect(ledger.dequeueForPool() == .resubmit(holder))
        #expect(ledger.dequeueForPool() == nil)
        #expect(ledger.awaitingPermitCount == 1)
        #expect(ledger.complete(holder) == .awaited(.none))
        #expect(ledger.dequeueForPool() == .submit(awaiting))
        #expect(ledger.awaitingPermitCount == 0)
        #expect(ledger.violation() == nil)
    }

    @Test func letsCallsPassAnOperationThatAwaitsAPermit() throws {
        var ledger = OperationLedger(queueDepth: 1)
        _ = try ledger.admitted()
        _ = ledger.dequeueForSubmission()
        let awaiting = try ledger.admitted(to: .permit)
        let call = try ledger.admitted(to: .blocking)
        #expect(ledger.dequeueForPool() == .call(call))
        #expect(ledger.blockingRunning == 1)
        #expect(ledger.cancel(awaiting, policy: .abandon, .cancelled) == .decided(.removed(wasInFlight: false)))
        #expect(ledger.dequeueForPool() == nil)
        #expect(ledger.violation() == nil)
    }

    @Test func leavesTheLastPermitToThePoolWhileItWaitsForOne() throws {
        var ledger = OperationLedger(queueDepth: 2)
        let queued = try (0..<3).map { _ in try ledger.admitted() }
        let awaiting = try ledger.admitted(to: .permit)
        #expect(ledger.dequeueForSubmission() == queued[0].index)
        #expect(!ledger.hasSubmittable)
        #expect(ledger.dequeueForSubmission() == nil)
        #expect(ledger.dequeueForPool() == .submit(awaiting))
        #expect(ledger.complete(queued[0]) == .awaited(.none))
        #expect(ledger.dequeueForSubmission() == queued[1].index)
        #expect(ledger.violation() == nil)
    }

    @Test func givesThePoolsPermitBackWhenItsOperationIsCancelled() throws {
        var ledger = OperationLedger(queueDepth: 2)
        let queued = try (0..<2).map { _ in try ledger.admitted() }
        let awaiting = try ledger.admitted(to: .permit)
        _ = ledger.dequeueForSubmission()
        #expect(!ledger.hasSubmittable)
        #expect(ledger.cancel(awaiting, policy: .report, .cancelled) == .decided(.removed(wasInFlight: false)))
        #expect(ledger.hasSubmittable)
        #expect(ledger.dequeueForSubmission() == queued[1].index)
    }

    @Test func keepsThePermitOfWhatABlockingThreadRunsInsteadOfSubmitting() throws {
        var ledger = OperationLedger(queueDepth: 1)
        let id = try ledger.admitted(to: .permit)
        #expect(ledger.dequeueForPool() == .submit(id))
        ledger.runInsteadOfSubmitting(id)
        #expect(ledger.state(id.index) == .blockingRunning(holdsPermit: true, .waiting(.none)))
        #expect(!ledger.expectsEvent(id))
        #expect((ledger.permitsHeld, ledger.blockingRunning, ledger.inFlight) == (1, 0, 1))
        #expect(ledger.complete(id) == .awaited(.none))
        #expect(ledger.isEmpty)
    }

    @Test func cancelsAPollAgainThatTheKernelDidNotFind() throws {
        var ledger = OperationLedger(queueDepth: 1)
        let id = try ledger.admitted()
        _ = ledger.dequeueForSubmission()
        for _ in 0..<3 {
            #expect(ledger.cancel(id, policy: .report, .cancelled) == .kernelDecides)
            #expect(ledger.cancellationRefused(id, isPoll: true, policy: .report, .cancelled) == .waits)
            #expect(ledger.cancellationRequest(id.index) == .requested(.cancelled))
        }
        #expect(ledger.cancel(id, policy: .report, .shutDown) == .kernelDecides)
        ledger.cancellationGranted(id, .shutDown)
        #expect(ledger.cancel(id, policy: .report, .cancelled) == .decided(.ignored))
        #expect(ledger.complete(id) == .awaited(.granted(.shutDown)))
    }

    @Test func forgetsTheCancellationOfASlotsPreviousUser() throws {
        var ledger = OperationLedger(queueDepth: 1)
        let first = try ledger.admitted()
        _ = ledger.dequeueForSubmission()
        _ = ledger.cancellationRefused(first, isPoll: false, policy: .abandon, .cancelled)
        #expect(ledger.complete(first) == .abandoned)
        let second = try ledger.admitted()
        #expect(second.index == first.index)
        #expect(ledger.state(second.index) == .queued)
        #expect(ledger.cancellationRequest(second.index) == .none)
    }

    @Test func reportsABrokenListAsAViolation() throws {
        var ledger = OperationLedger(queueDepth: 1)
        let ids = try (0..<3).map { _ in try ledger.admitted() }
        var broken = ledger
        broken.entries[Int(ids[1].index)].previous = .none
        #expect(broken.violation() != nil)
        broken = ledger
        broken.entries[Int(ids[2].index)].next = ids[0].index
        #expect(broken.violation() != nil)
        broken = ledger
        broken.entries[Int(ids[1].index)].state = .submitted(.waiting(.none))
        #expect(broken.violation() != nil)
        broken = ledger
        broken.pending += 1
        #expect(broken.violation() != nil)
        #expect(ledger.violation() == nil)
    }
}

extension OperationLedger {
    fileprivate mutating func admitted(to queue: Queue = .kernel) throws -> OperationID {
        try #require(admit(to: queue))
    }
}

@testable import AIOEngine

extension LedgerPair {
    /// Returns a sentence that describes the first invariant that does not hold, or nil.
    func violation() -> String? {
        if let violation = ledger.violation() { return violation }
        let real = [ledger.live, ledger.pending, ledger.permitsHeld, ledger.blockingRunning]
        let expected = [model.live, model.pending, model.permits, model.running]
        if real != expected { return "live, pending, permits, running: \(real), the model says \(expected)" }
        if ledger.inFlight + ledger.pending > ledger.live { return "more in flight and pending than live" }
        for (index, operation) in model.operations.enumerated() where operation.resumed > 1 {
            return "the waiter of operation \(index) was resumed \(operation.resumed) times"
        }
        for index in ids.indices {
            if let violation = violation(of: model.operations[index], ids[index]) { return violation }
        }
        return strays() ?? drain()
    }

    private func violation(of operation: LedgerModel.Operation, _ id: OperationID) -> String? {
        guard operation.phase != .completed else {
            return ledger.isCurrent(id) ? "\(id) has completed and is current" : nil
        }
        if !operation.abandoned, ledger.cancellationRequest(id.index) != operation.cancellation.inLedger {
            return "the cancellation of \(id) is \(ledger.cancellationRequest(id.index))"
        }
        if (ledger.state(id.index).waiterState == .abandoned) != operation.abandoned {
            return "\(id) differs in being abandoned"
        }
        let isUnwanted = operation.abandoned || operation.cancellation != .none
        if ledger.isUnwanted(id.index) != isUnwanted { return "\(id) differs in being unwanted" }
        let expectsEvent = operation.phase == .submitted || operation.phase == .poolSubmitted
        return ledger.expectsEvent(id) == expectsEvent ? nil : "an event for \(id), \(operation.phase), is misjudged"
    }

    /// Events for and cancellations of operations that do not exist must change nothing.
    private func strays() -> String? {
        var stale = ids.indices.filter { model.operations[$0].phase == .completed }.map { ids[$0] }
        stale += ids.map { OperationID(index: $0.index, generation: $0.generation &+ 1) }.filter { !ids.contains($0) }
        stale += [OperationID(index: 1_000, generation: 0), OperationID(tag: OperationID.wakeTag)]
        var touched = self
        for id in stale {
            if touched.ledger.complete(id) != .spurious { return "the completion of \(id) is not spurious" }
            touched.ledger.cancellationGranted(id, .cancelled)
            touched.ledger.runInsteadOfSubmitting(id)
            if touched.ledger.cancel(id, policy: .abandon, .cancelled) != .decided(.ignored) {
                return "a cancellation of \(id) has an effect"
            }
            let decisions = [
                touched.ledger.cancellationRefused(id, isPoll: false, policy: .abandon, .cancelled),
                touched.ledger.cancellationRefused(id, isPoll: true, policy: .report, .cancelled),
            ]
            if decisions != [.ignored, .ignored] { return "a refused cancellation of \(id) counts: \(decisions)" }
        }
        for index in ids.indices
        where [.queued, .awaitingPermit, .blockingQueued].contains(model.operations[index].phase) {
            if touched.ledger.complete(ids[index]) != .spurious {
                return "a completion of the queued \(ids[index]) counts"
            }
        }
        return changes(to: touched.ledger)
    }

    private func changes(to other: OperationLedger) -> String? {
        for (before, after) in zip(ledger.entries, other.entries) {
            guard before.state == after.state, before.generation == after.generation else {
                return "a stray changed \(before) to \(after)"
            }
        }
        return other.violation().map { "after strays: \($0)" }
    }

    /// Checks that the ledger drains from this state by dequeuing and completing alone, resuming each waiter once.
    private func drain() -> String? {
        var rest = self
        for _ in 0...10 * model.operations.count {
            guard rest.model.live > 0 else { break }
            var difference = rest.perform(.dequeueForSubmission) ?? rest.perform(.dequeueForPool)
            for index in rest.ids.indices
            where [.submitted, .poolSubmitted, .running].contains(rest.model.operations[index].phase) {
                difference = difference ?? rest.perform(.complete(index))
            }
            if let difference { return "while draining: \(difference)" }
        }
        guard rest.ledger.isEmpty, rest.ledger.violation() == nil else { return "it does not drain: \(rest.model)" }
        for index in rest.ids.indices where rest.model.operations[index].resumed != 1 {
            return "operation \(index) completed and was resumed \(rest.model.operations[index].resumed) times"
        }
        return nil
    }
}

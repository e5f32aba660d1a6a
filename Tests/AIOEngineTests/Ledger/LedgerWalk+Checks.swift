@testable import AIOEngine

extension LedgerPair {
    /// What must hold in every state; a sentence for what does not.
    func violation() -> String? {
        if let violation = ledger.violation() { return violation }
        let real = [ledger.live, ledger.pending, ledger.placesTaken, ledger.laneRunning]
        let expected = [model.live, model.pending, model.places, model.running]
        if real != expected { return "live, pending, places, running: \(real), the model says \(expected)" }
        if ledger.inFlight + ledger.pending > ledger.live { return "more in flight and pending than live" }
        for (index, operation) in model.operations.enumerated() where operation.told > 1 {
            return "operation \(index) was told \(operation.told) times"
        }
        for index in ids.indices {
            if let violation = violation(of: model.operations[index], ids[index]) { return violation }
        }
        return strays() ?? end()
    }

    private func violation(of operation: LedgerModel.Operation, _ id: OperationID) -> String? {
        guard operation.phase != .ended else { return ledger.isCurrent(id) ? "\(id) has ended and is current" : nil }
        if ledger.wish(id.index) != operation.wish { return "\(id) wishes \(ledger.wish(id.index))" }
        if ledger.isAbandoned(id.index) != operation.abandoned { return "\(id) differs in being abandoned" }
        let awaited = operation.phase == .submitted || operation.phase == .laneSubmitted
        return ledger.isAwaited(id) == awaited ? nil : "an event for \(id), \(operation.phase), is misjudged"
    }

    /// Events and cancellations for what is not there must change nothing.
    private func strays() -> String? {
        var stale = ids.indices.filter { model.operations[$0].phase == .ended }.map { ids[$0] }
        stale += ids.map { OperationID(index: $0.index, generation: $0.generation &+ 1) }.filter { !ids.contains($0) }
        stale += [OperationID(index: 1_000, generation: 0), .wake]
        var touched = self
        for id in stale {
            if touched.ledger.answer(id) != .spurious { return "an answer to \(id) is not spurious" }
            touched.ledger.kernelCancels(id, as: .cancelled)
            touched.ledger.laneRunsItself(id)
            let answers = [
                touched.ledger.cancel(id, policy: .abandon, as: .cancelled),
                touched.ledger.kernelRefuses(id, isPoll: false, policy: .abandon, wish: .cancelled),
                touched.ledger.kernelRefuses(id, isPoll: true, policy: .report, wish: .cancelled),
            ]
            if answers != [.none, .none, .none] { return "a cancellation of \(id) is not in vain: \(answers)" }
        }
        for index in ids.indices where [.queued, .laneWaiting, .laneQueued].contains(model.operations[index].phase) {
            if touched.ledger.answer(ids[index]) != .spurious { return "an answer to the queued \(ids[index]) counts" }
        }
        return changes(to: touched.ledger)
    }

    private func changes(to other: OperationLedger) -> String? {
        for (before, after) in zip(ledger.records, other.records) {
            guard before.state == after.state, before.wish == after.wish, before.abandoned == after.abandoned,
                before.generation == after.generation, before.holdsPlace == after.holdsPlace
            else { return "a stray changed \(before) to \(after)" }
        }
        return other.violation().map { "after strays: \($0)" }
    }

    /// From every state the ledger runs empty by taking and answering alone, and each waiter is told once.
    private func end() -> String? {
        var rest = self
        for _ in 0...10 * model.operations.count {
            guard rest.model.live > 0 else { break }
            var difference = rest.perform(.takeForSubmission) ?? rest.perform(.takeForLane)
            for index in rest.ids.indices
            where [.submitted, .laneSubmitted, .running].contains(rest.model.operations[index].phase) {
                difference = difference ?? rest.perform(.answer(index))
            }
            if let difference { return "while ending: \(difference)" }
        }
        guard rest.ledger.isEmpty, rest.ledger.violation() == nil else { return "it does not end: \(rest.model)" }
        for index in rest.ids.indices where rest.model.operations[index].told != 1 {
            return "operation \(index) ended and was told \(rest.model.operations[index].told) times"
        }
        return nil
    }
}

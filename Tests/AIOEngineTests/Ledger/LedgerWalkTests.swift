import Testing

@testable import AIOEngine

/// Every state that a few operations can bring a small ledger into, by every sequence of steps.
@Suite struct LedgerWalkTests {
    @Test(arguments: [1, 2]) func holdsInEveryStateOfTwoOperations(queueDepth: Int) {
        walk(LedgerPair(queueDepth: queueDepth, operations: 2), reasons: [.cancelled, .shutDown])
    }

    @Test(arguments: [1, 2]) func holdsInEveryStateOfThreeOperations(queueDepth: Int) {
        walk(LedgerPair(queueDepth: queueDepth, operations: 3), reasons: [.cancelled])
    }

    /// Visits each state once, depth first. A failure reports the steps that lead to it.
    private func walk(_ start: LedgerPair, reasons: [OperationLedger.CancellationReason]) {
        var seen: Set<LedgerModel> = [start.model]
        var open: [(pair: LedgerPair, path: [LedgerPair.Step])] = [(start, [])]
        while let (pair, path) = open.popLast() {
            for step in pair.steps(reasons: reasons) {
                var next = pair
                // A state's full checks run once; the ledger's own invariants are checked on every path to it.
                let failure = next.perform(step) ?? next.ledger.violation()
                guard failure != nil || seen.insert(next.model).inserted else { continue }
                if let failure = failure ?? next.violation() {
                    Issue.record("\(failure) after \(path + [step])")
                    return
                }
                open.append((next, path + [step]))
            }
        }
        // Far fewer would mean that the walk missed states.
        #expect(seen.count > 500)
        #expect(seen.contains { $0.operations.allSatisfy { $0.phase == .completed && $0.resumed == 1 } })
    }
}

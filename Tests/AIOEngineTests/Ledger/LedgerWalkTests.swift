import Testing

@testable import AIOEngine

/// Every state that a few operations can get a small ledger into, by every way there is.
@Suite struct LedgerWalkTests {
    @Test(arguments: [1, 2]) func holdsInEveryStateOfTwoOperations(queueDepth: Int) {
        walk(LedgerPair(queueDepth: queueDepth, operations: 2), reasons: [.cancelled, .shutDown])
    }

    @Test(arguments: [1, 2]) func holdsInEveryStateOfThreeOperations(queueDepth: Int) {
        walk(LedgerPair(queueDepth: queueDepth, operations: 3), reasons: [.cancelled])
    }

    /// Depth first, each state once; a failure tells the way to it.
    private func walk(_ start: LedgerPair, reasons: [OperationLedger.CancellationReason]) {
        var seen: Set<LedgerModel> = [start.model]
        var open: [(pair: LedgerPair, way: [LedgerPair.Step])] = [(start, [])]
        while let (pair, way) = open.popLast() {
            for step in pair.steps(reasons: reasons) {
                var next = pair
                // The checks of a state are made once; those of the ledger itself on every way to it.
                let failure = next.perform(step) ?? next.ledger.violation()
                guard failure != nil || seen.insert(next.model).inserted else { continue }
                if let failure = failure ?? next.violation() {
                    Issue.record("\(failure) after \(way + [step])")
                    return
                }
                open.append((next, way + [step]))
            }
        }
        // Far fewer would mean that the walk lost its way.
        #expect(seen.count > 500)
        #expect(seen.contains { $0.operations.allSatisfy { $0.phase == .ended && $0.resumed == 1 } })
    }
}

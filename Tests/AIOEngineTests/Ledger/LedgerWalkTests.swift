import Testing

@testable import AIOEngine

/// Every state that a few operations can get a small ledger into, by every way there is.
@Suite struct LedgerWalkTests {
    @Test(arguments: [1, 2]) func holdsInEveryStateOfTwoOperations(queueDepth: Int) {
        walk(LedgerPair(queueDepth: queueDepth, operations: 2), wishes: [.cancelled, .shutDown])
    }

    @Test(arguments: [1, 2]) func holdsInEveryStateOfThreeOperations(queueDepth: Int) {
        walk(LedgerPair(queueDepth: queueDepth, operations: 3), wishes: [.cancelled])
    }

    /// Depth first, each state once; a failure tells the way to it.
    private func walk(_ start: LedgerPair, wishes: [OperationLedger.Wish]) {
        var seen: Set<LedgerModel> = [start.model]
        var open: [(pair: LedgerPair, way: [LedgerPair.Action])] = [(start, [])]
        while let (pair, way) = open.popLast() {
            for action in pair.actions(wishes: wishes) {
                var next = pair
                // What is looked at in each state once; the links and sums of the ledger on every way to it.
                let failure = next.perform(action) ?? next.ledger.violation()
                guard failure != nil || seen.insert(next.model).inserted else { continue }
                if let failure = failure ?? next.violation() {
                    Issue.record("\(failure) after \(way + [action])")
                    return
                }
                open.append((next, way + [action]))
            }
        }
        // Far fewer would mean that the walk lost its way.
        #expect(seen.count > 800)
        #expect(seen.contains { $0.operations.allSatisfy { $0.phase == .ended && $0.told == 1 } })
    }
}

import BenchmarkKit
import Testing

@Suite struct OffsetTableTests {
    private let span = 64 * 4096

    private func entries(_ pattern: Workload.Pattern, seed: UInt64 = 7) -> [OffsetTable.Entry] {
        let table = OffsetTable(Workload(pattern, depth: 1), span: span, seed: seed)
        return (0..<table.count).map { table[$0] }
    }

    @Test(arguments: Workload.Pattern.allCases)
    func everyPatternTouchesEachBlockOnceBeforeAnyTwice(_ pattern: Workload.Pattern) {
        let offsets = entries(pattern).map(\.offset)
        #expect(offsets.sorted() == (0..<64).map { Int64($0 * 4096) })
    }

    @Test func theSameSeedGivesTheSameOrder() {
        #expect(entries(.randrw) == entries(.randrw))
        #expect(entries(.randrw) != entries(.randrw, seed: 8))
    }

    @Test func sequentialIsInOrderAndRandomIsNot() {
        #expect(entries(.read).map(\.offset) == entries(.read).map(\.offset).sorted())
        #expect(entries(.randread).map(\.offset) != entries(.randread).map(\.offset).sorted())
    }

    @Test func directionsAreThoseOfThePattern() {
        #expect(entries(.randread).allSatisfy { !$0.writes })
        #expect(entries(.write).allSatisfy { $0.writes })
        let writes = entries(.randrw).count { $0.writes }
        #expect(writes > 10 && writes < 54)
    }

    @Test func anIndexPastTheEndBeginsAgain() {
        let table = OffsetTable(Workload(.randread, depth: 1), span: span, seed: 7)
        #expect(table[64] == table[0])
    }

    @Test func aTrailingPartOfABlockIsLeftOut() {
        let table = OffsetTable(Workload(.read, depth: 1), span: 3 * 4096 + 100, seed: 1)
        #expect(table.count == 3)
    }
}

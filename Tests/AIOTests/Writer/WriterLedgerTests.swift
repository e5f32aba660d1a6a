import Testing

@testable import AIO

@Suite struct WriterLedgerTests {
    private struct Fault: Error, Equatable { let number: Int }

    @Test func firstFailureIsTheOneWithTheLowestOffset() {
        var ledger = WriterLedger()
        for _ in 0..<4 { ledger.started() }
        ledger.completed(.init(range: 20..<30, error: Fault(number: 1)))
        ledger.completed(nil)
        ledger.completed(.init(range: 0..<10, error: Fault(number: 2)))
        ledger.completed(.init(range: 10..<20, error: Fault(number: 3)))
        ledger.failed(.init(range: 50..<55, error: Fault(number: 4)))
        #expect(ledger.inFlight == 0)
        #expect(ledger.firstFailure?.error as? Fault == Fault(number: 2))
        #expect(ledger.unwritten == [0..<30, 50..<55])
    }

    /// Whatever the lengths of the writes, the chunk is written from front to back and completes.
    @Test func everySequenceOfShortWritesCompletesTheChunkOrIsStuck() {
        for unit in 1...4 {
            for count in stride(from: unit, through: 12, by: unit) {
                for bytes in 0...12 {
                    var chunk = ChunkProgress(offset: 0, count: count, unit: unit)
                    var steps = 0
                    var step = ChunkProgress.Step.writeRest
                    while step == .writeRest {
                        #expect(chunk.done % unit == 0)
                        step = chunk.wrote(min(bytes, count - chunk.done))
                        steps += 1
                        #expect(steps <= count)
                    }
                    #expect((step == .complete) == (bytes >= min(unit, count)))
                    if step == .complete { #expect(chunk.done == count) }
                }
            }
        }
    }
}

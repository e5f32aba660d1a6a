import SystemPackage
import Testing

@testable import AIOEngine

@Suite struct EngineCountersTests {
    @Test func countsBytesOfReadsAndWritesOnly() {
        var counters = EngineCounters()
        for kind in OperationKind.allCases { counters.recordResult(100, of: kind, nanoseconds: 5) }
        #expect(counters.bytesRead == 100)
        #expect(counters.bytesWritten == 100)
        #expect(counters.completed == OperationKind.allCases.count)
        // The length of a wait for readiness says nothing about the device.
        #expect(counters.latency.total == UInt64(OperationKind.allCases.count - 1))
        #expect(counters.failed == 0)
    }

    @Test func countsFailuresByErrno() {
        var counters = EngineCounters()
        for result in [-5, -5, -28, 0] { counters.recordResult(result, of: .read, nanoseconds: 5) }
        #expect(counters.completed == 4)
        #expect(counters.failed == 3)
        #expect(counters.failuresByErrno == [.ioError: 2, .noSpace: 1])
        #expect(counters.bytesRead == 0)
    }

    @Test(arguments: [Int.min, Int.min + 1, -4096]) func survivesNegativeResultsThatAreNoErrno(result: Int) {
        var counters = EngineCounters()
        counters.recordResult(result, of: .write, nanoseconds: 0)
        #expect(counters.failed == 1)
        #expect(counters.bytesWritten == 0)
    }

    @Test func remembersPeaks() {
        var counters = EngineCounters()
        var ledger = OperationLedger(queueDepth: 1)
        for _ in 0..<3 { _ = ledger.admit(to: .kernel) }
        counters.recordPeaks(of: ledger, blockingThreads: 1)
        #expect((counters.peakPending, counters.peakInFlight) == (2, 0))
        let index = ledger.dequeueForSubmission()
        counters.recordPeaks(of: ledger, blockingThreads: 1)
        if let index { _ = ledger.complete(ledger.id(index)) }
        counters.recordPeaks(of: ledger, blockingThreads: 1)
        #expect((counters.peakPending, counters.peakInFlight) == (2, 1))
    }

    @Test func hasACountForEveryKind() {
        #expect(EngineCounters().started.count == OperationKind.allCases.count)
        #expect(OperationKind.allCases.map { Int($0.rawValue) } == Array(0..<OperationKind.allCases.count))
    }
}

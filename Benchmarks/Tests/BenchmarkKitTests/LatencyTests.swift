import BenchmarkKit
import CSupport
import Foundation
import Testing

@Suite struct LatencyTests {
    @Test(arguments: [0, 1, 127, 128, 129, 1000, 4095, 4096, 123_456, 987_654_321, 1 << 35])
    func aBinIsWithinOnePercentOfItsValues(_ nanoseconds: UInt64) {
        let value = bench_latency_value(bench_latency_bin(nanoseconds))
        #expect(abs(Double(value) - Double(nanoseconds)) <= max(0.5, Double(nanoseconds) * 0.01))
    }

    @Test func binsAscendAndStayInRange() {
        var last = bench_latency_bin(0)
        for exponent in 0..<64 {
            let bin = bench_latency_bin(1 << UInt64(exponent))
            #expect(bin >= last && bin < UInt32(BENCH_LATENCY_BINS))
            last = bin
        }
        #expect(bench_latency_bin(.max) < UInt32(BENCH_LATENCY_BINS))
    }

    @Test func percentilesAreThoseOfTheRecordedValues() throws {
        let recorder = LatencyRecorder()
        for value in 1...1000 { recorder.record(UInt64(value) * 1000) }
        var collection = LatencyCollection()
        recorder.collect(into: &collection)
        let summary = try #require(collection.summary)
        #expect(summary.mean == 500_500)
        #expect(abs(summary.p50 - 500_000) < 5_000)
        #expect(abs(summary.p99 - 990_000) < 9_900)
    }

    @Test func recordsOfSeveralThreadsAreAddedUp() throws {
        let recorder = LatencyRecorder()
        let threads = (0..<8).map { _ in
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                for _ in 0..<1000 { recorder.record(50) }
                done.signal()
            }
            return done
        }
        for done in threads { done.wait() }
        var collection = LatencyCollection()
        recorder.collect(into: &collection)
        #expect(collection.counts[50] == 8000)
        recorder.reset()
        var empty = LatencyCollection()
        recorder.collect(into: &empty)
        #expect(empty.summary == nil)
    }
}

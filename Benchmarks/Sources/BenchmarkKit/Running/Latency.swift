public import CSupport
import Histogram

/// Counts latencies on any thread, with the same few instructions for every engine.
@usableFromInline
package final class LatencyRecorder: @unchecked Sendable {
    // Unchecked: each thread writes a part of its own.
    /// The recorder for the C loops.
    @usableFromInline package let pointer: OpaquePointer

    package init() { pointer = bench_latency_create() }
    deinit { bench_latency_destroy(pointer) }

    @inlinable
    package func record(_ nanoseconds: UInt64) { bench_latency_record(pointer, nanoseconds) }

    package func reset() { bench_latency_reset(pointer) }

    /// Adds the recorded latencies to `collection`, after the last call of ``record(_:)``.
    package func collect(into collection: inout LatencyCollection) {
        collection.sum += bench_latency_collect(pointer, &collection.counts)
    }
}

/// Latencies of one or more runs, by bin.
package struct LatencyCollection: Sendable {
    package var counts = [UInt64](repeating: 0, count: Int(BENCH_LATENCY_BINS))
    package var sum: UInt64 = 0

    package init() {}

    package mutating func add(_ other: LatencyCollection) {
        for bin in counts.indices { counts[bin] += other.counts[bin] }
        sum += other.sum
    }

    /// nil when nothing was recorded.
    package var summary: LatencySummary? {
        var histogram = Histogram<UInt64>(highestTrackableValue: 1 << 36, numberOfSignificantValueDigits: .three)
        for (bin, count) in counts.enumerated() where count > 0 {
            histogram.record(bench_latency_value(UInt32(bin)), count: count)
        }
        guard histogram.totalCount > 0 else { return nil }
        return LatencySummary(
            // From the exact sum, not from the bins.
            mean: Double(sum) / Double(histogram.totalCount),
            p50: Double(histogram.valueAtPercentile(50)),
            p99: Double(histogram.valueAtPercentile(99)),
            p999: Double(histogram.valueAtPercentile(99.9)))
    }
}

/// Latencies in nanoseconds, from just before the operation is issued until the application has its result.
package struct LatencySummary: Codable, Equatable, Sendable {
    package var mean: Double
    package var p50: Double
    package var p99: Double
    package var p999: Double

    package init(mean: Double, p50: Double, p99: Double, p999: Double) {
        self.mean = mean
        self.p50 = p50
        self.p99 = p99
        self.p999 = p999
    }

    /// The median of each figure, for engines that report summaries alone.
    package static func median(_ summaries: [LatencySummary]) -> LatencySummary? {
        func middle(_ path: KeyPath<LatencySummary, Double>) -> Double? {
            Spread(summaries.map { $0[keyPath: path] })?.median
        }
        guard let mean = middle(\.mean), let p50 = middle(\.p50), let p99 = middle(\.p99), let p999 = middle(\.p999)
        else { return nil }
        return LatencySummary(mean: mean, p50: p50, p99: p99, p999: p999)
    }
}

import TestSupport
import Testing

@testable import AIOEngine

@Suite struct LatencyHistogramTests {
    static let values: [UInt64] = (0..<64).flatMap { shift -> [UInt64] in
        let power: UInt64 = 1 << UInt64(shift)
        return [power - 1, power, power + 1, power + power / 3]
    }

    private static var lastBucket: Int { LatencyHistogram().counts.count - 1 }

    @Test func hasContiguousBuckets() {
        for bucket in 0..<Self.lastBucket {
            let (lower, upper) = (
                LatencyHistogram.lowerBound(ofBucket: bucket), LatencyHistogram.lowerBound(ofBucket: bucket + 1)
            )
            #expect(lower < upper)
            #expect(LatencyHistogram.bucket(of: lower) == bucket)
            #expect(LatencyHistogram.bucket(of: upper - 1) == bucket)
            // An eighth of the value at most, or a single value.
            #expect(upper - lower == 1 || (upper - lower) * 8 <= lower)
        }
        #expect(LatencyHistogram.lowerBound(ofBucket: Self.lastBucket + 1) == 1 << 40)
    }

    @Test(arguments: values) func putsAValueBetweenItsBucketsBounds(value: UInt64) {
        let bucket = LatencyHistogram.bucket(of: value)
        #expect(LatencyHistogram.lowerBound(ofBucket: bucket) <= value)
        if bucket < Self.lastBucket { #expect(value < LatencyHistogram.lowerBound(ofBucket: bucket + 1)) }
        if value >= 1 << 40 { #expect(bucket == Self.lastBucket) }
    }

    @Test(arguments: [1, 2, 10, 1_000], [10, 20, 40, 63])
    func findsQuantilesWithinAnEighth(count: Int, bits: Int) {
        var random = SplitMix64(seed: UInt64(count + bits))
        var histogram = LatencyHistogram()
        var sorted: [UInt64] = []
        for _ in 0..<count {
            // Log-uniform, as latencies are.
            let value = random.next() >> UInt64(Int.random(in: 64 - bits..<64, using: &random))
            histogram.record(value)
            sorted.append(value)
        }
        sorted.sort()
        for quantile in [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = max(1, Int((quantile * Double(count)).rounded(.up)))
            let (exact, found) = (sorted[rank - 1], histogram.value(atQuantile: quantile))
            #expect(found >= exact)
            // Values past the last bucket's start share one bucket, whose value is the largest of them.
            if exact < LatencyHistogram.lowerBound(ofBucket: Self.lastBucket) { #expect(found - exact <= exact / 8) }
            #expect(found <= sorted[count - 1])
        }
        #expect(histogram.total == UInt64(count))
        #expect(histogram.sumNanoseconds == sorted.reduce(0, &+))
        #expect(histogram.maximumNanoseconds == sorted[count - 1])
    }

    @Test func returnsZeroWhenEmpty() {
        for quantile in [0, 0.5, 1] { #expect(LatencyHistogram().value(atQuantile: quantile) == 0) }
    }

    @Test func keepsValuesBeyondTheLastBucket() {
        var histogram = LatencyHistogram()
        for value in [1 << 41, UInt64.max, 0] { histogram.record(value) }
        #expect(histogram.counts[Self.lastBucket] == 2)
        #expect(histogram.value(atQuantile: 0.9) == .max)
        #expect(histogram.value(atQuantile: 0) == 0)
    }

    @Test(arguments: [Double.nan, -1, -Double.infinity]) func treatsAnInvalidFractionAsZero(fraction: Double) {
        var histogram = LatencyHistogram()
        for value: UInt64 in [3, 5] { histogram.record(value) }
        #expect(histogram.value(atQuantile: fraction) == 3)
        #expect(histogram.value(atQuantile: .infinity) == 5)
    }
}

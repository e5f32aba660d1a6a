/// Latencies in buckets: eight to each power of two, so a value is known to about 12 %.
package struct LatencyHistogram: Hashable, Sendable {
    /// Buckets of 1 ns … 2^40 ns (18 minutes); longer ones count in the last.
    package private(set) var counts: [UInt64]
    package private(set) var total: UInt64 = 0
    package private(set) var sumNanoseconds: UInt64 = 0
    package private(set) var maximumNanoseconds: UInt64 = 0

    private static let subBits = 3
    private static let bucketCount = (40 - subBits + 1) << subBits

    package init() { counts = Array(repeating: 0, count: Self.bucketCount) }

    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)] &+= 1
        total &+= 1
        sumNanoseconds &+= nanoseconds
        if nanoseconds > maximumNanoseconds { maximumNanoseconds = nanoseconds }
    }

    mutating func add(_ other: LatencyHistogram) {
        for bucket in counts.indices { counts[bucket] &+= other.counts[bucket] }
        total &+= other.total
        sumNanoseconds &+= other.sumNanoseconds
        maximumNanoseconds = max(maximumNanoseconds, other.maximumNanoseconds)
    }

    static func bucket(of nanoseconds: UInt64) -> Int {
        // Below 2^subBits the buckets are single values; above, the top bits name the bucket.
        guard nanoseconds >= 1 << subBits else { return Int(nanoseconds) }
        let exponent = 63 - nanoseconds.leadingZeroBitCount
        let sub = Int(truncatingIfNeeded: nanoseconds >> UInt64(exponent - subBits)) & ((1 << subBits) - 1)
        return min(bucketCount - 1, (exponent - subBits + 1) << subBits | sub)
    }

    /// The smallest value that belongs in the bucket.
    package static func lowerBound(ofBucket bucket: Int) -> UInt64 {
        guard bucket >= 1 << subBits else { return UInt64(bucket) }
        let exponent = (bucket >> subBits) + subBits - 1
        let sub = UInt64(bucket & ((1 << subBits) - 1))
        return (1 << UInt64(exponent)) + (sub << UInt64(exponent - subBits))
    }

    /// The value that the fraction `quantile` (0 to 1) of all values does not exceed: the upper end of its
    /// bucket, and never more than the largest value seen.
    package func value(atQuantile quantile: Double) -> UInt64 {
        guard total > 0 else { return 0 }
        // Not min and max: they pass a NaN on, and UInt64 traps on it.
        let fraction = quantile > 0 ? quantile < 1 ? quantile : 1 : 0
        let rank = max(1, UInt64((fraction * Double(total)).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            // The last bucket has no upper end but what was seen.
            if seen >= rank, bucket < counts.count - 1 {
                return min(maximumNanoseconds, Self.lowerBound(ofBucket: bucket + 1) - 1)
            }
        }
        return maximumNanoseconds
    }
}

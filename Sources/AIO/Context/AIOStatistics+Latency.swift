internal import AIOEngine

extension AIOStatistics {
    /// A histogram of how long operations took, in buckets of about 12 % width.
    public struct Latency: Sendable, Hashable {
        let histogram: LatencyHistogram

        /// How many operations the histogram contains.
        public var count: Int { Int(histogram.total) }
        /// The mean time; zero if there was no operation.
        public var mean: Duration {
            count == 0 ? .zero : .nanoseconds(histogram.sumNanoseconds / histogram.total)
        }
        /// The sum of the times.
        public var total: Duration { .nanoseconds(histogram.sumNanoseconds) }
        /// The longest time.
        public var maximum: Duration { .nanoseconds(histogram.maximumNanoseconds) }

        /// Returns the time that a fraction of all operations did not exceed.
        ///
        /// - Parameter quantile: the fraction, 0 … 1; other values are clamped.
        public func quantile(_ quantile: Double) -> Duration {
            .nanoseconds(histogram.value(atQuantile: quantile))
        }

        /// The buckets that are not empty, the shortest times first.
        public var buckets: [(range: Range<Duration>, count: Int)] {
            histogram.counts.indices.filter { histogram.counts[$0] > 0 }.map {
                let lower = LatencyHistogram.lowerBound(ofBucket: $0)
                let upper = LatencyHistogram.lowerBound(ofBucket: $0 + 1)
                return (.nanoseconds(lower)..<(.nanoseconds(upper)), Int(histogram.counts[$0]))
            }
        }
    }
}

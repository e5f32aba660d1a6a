#if Services
    internal import AIO

    extension AIOStatistics {
        /// All counters, which only grow, under the names that docs/services.md lists.
        var counterReadings: [CounterReading] {
            [
                .init("aio_submitted", submitted), .init("aio_inline", inline),
                .init("aio_on_blocking_thread", onBlockingThread),
                .init("aio_completed", completed), .init("aio_failed", failed),
                .init("aio_cancelled_before_submission", cancelledBeforeSubmission),
                .init("aio_cancelled_by_kernel", cancelledByKernel), .init("aio_abandoned", abandoned),
                .init("aio_overloaded", overloaded), .init("aio_submit_calls", submitCalls),
                .init("aio_submitted_blocks", submittedBlocks), .init("aio_submit_retries", submitRetries),
                .init("aio_no_wait_refusals", noWaitRefusals), .init("aio_spurious_events", spuriousEvents),
                .init("aio_wake_ups", wakeUps), .init("aio_bytes_read", bytesRead),
                .init("aio_bytes_written", bytesWritten),
            ] + operations.counterReadings
                + failures.map { .init("aio_failures", [("errno", $0.key.metricName)], $0.value) }
                + latency.counterReadings
        }

        /// All gauges, which go up and down, under the names that docs/services.md lists.
        var gaugeReadings: [(name: String, value: Int)] {
            [
                ("aio_in_flight", inFlight), ("aio_peak_in_flight", peakInFlight), ("aio_pending", pending),
                ("aio_peak_pending", peakPending), ("aio_is_on_threads", isOnThreads ? 1 : 0),
            ]
        }
    }

    extension AIOStatistics.Operations {
        fileprivate var counterReadings: [CounterReading] {
            [
                ("read", reads), ("write", writes), ("synchronize", synchronizations), ("readiness", polls),
                ("open", opens), ("metadata", metadata),
            ].map { .init("aio_operations", [("kind", $0.0)], $0.1) }
        }
    }

    extension AIOStatistics.Latency {
        /// The upper bounds of the exported buckets, in nanoseconds: powers of two, from 1 µs to 17 s. Buckets of the
        /// context's own histogram end there as well, so that the exported counts are exact.
        static let exportedBounds: [Int64] = (10...34).map { 1 << $0 }

        /// A histogram as in Prometheus: each bucket counts all operations that took no longer than `le` seconds.
        fileprivate var counterReadings: [CounterReading] {
            let buckets = buckets
            var readings: [CounterReading] = []
            var (sum, next) = (0, buckets.startIndex)
            for bound in Self.exportedBounds {
                while next < buckets.endIndex, buckets[next].range.upperBound <= .nanoseconds(bound) {
                    sum += buckets[next].count
                    next += 1
                }
                readings.append(.init("aio_duration_seconds_bucket", [("le", Self.seconds(bound))], sum))
            }
            readings.append(.init("aio_duration_seconds_bucket", [("le", "+Inf")], count))
            readings.append(.init("aio_duration_seconds_count", count))
            return readings
        }

        private static func seconds(_ nanoseconds: Int64) -> String { "\(Double(nanoseconds) / 1e9)" }
    }
#endif

#if Services
    internal import AIO
    internal import SystemPackage

    /// A counter of a context as it is exported: its name, what tells it from its like, and its value so far.
    struct CounterReading {
        let name: String
        var dimensions: [(String, String)] = []
        var value: Int64

        init(_ name: String, _ dimensions: [(String, String)], _ value: Int) {
            self.name = name
            self.dimensions = dimensions
            self.value = Int64(value)
        }

        init(_ name: String, _ value: Int) { self.init(name, [], value) }

        /// What tells it from other counters of its context.
        var key: String { dimensions.reduce(name) { "\($0)/\($1.1)" } }
    }

    extension AIOStatistics {
        /// Everything that only grows, by the names that docs/services.md lists.
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

        /// What goes up and down.
        var gaugeReadings: [(name: String, value: Int)] {
            [
                ("aio_in_flight", inFlight), ("aio_peak_in_flight", peakInFlight), ("aio_pending", pending),
                ("aio_peak_pending", peakPending),
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
        /// The bounds that are exported: powers of two, where the buckets of the context's own histogram end as well, so
        /// that nothing has to be guessed. 1 µs to 17 s.
        static let exportedBounds: [Int64] = (10...34).map { 1 << $0 }

        /// As Prometheus has histograms: each bucket counts all that took no longer than `le` seconds.
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

    extension Errno {
        /// The name that people look for, or the number where it is a rare one.
        var metricName: String { Self.metricNames[rawValue] ?? "\(rawValue)" }

        private static let metricNames: [CInt: String] = [
            Errno.notPermitted: "EPERM", .noSuchFileOrDirectory: "ENOENT", .interrupted: "EINTR", .ioError: "EIO",
            .badFileDescriptor: "EBADF", .resourceTemporarilyUnavailable: "EAGAIN", .noMemory: "ENOMEM",
            .permissionDenied: "EACCES", .badAddress: "EFAULT", .fileExists: "EEXIST", .notDirectory: "ENOTDIR",
            .isDirectory: "EISDIR", .invalidArgument: "EINVAL", .tooManyOpenFiles: "EMFILE", .fileTooLarge: "EFBIG",
            .noSpace: "ENOSPC", .illegalSeek: "ESPIPE", .readOnlyFileSystem: "EROFS", .brokenPipe: "EPIPE",
            .staleNFSFileHandle: "ESTALE", .diskQuotaExceeded: "EDQUOT", .timedOut: "ETIMEDOUT",
            .notSupportedOnSocket: "EOPNOTSUPP",
        ].reduce(into: [:]) { $0[$1.key.rawValue] = $1.value }
    }
#endif

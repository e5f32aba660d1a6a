#if Services
    import CoreMetrics
    import MetricsTestKit
    import SystemPackage
    import TestSupport
    import Testing

    @testable import AIO
    @testable import AIOEngine
    @testable import AIOServices

    @Suite("metrics")
    struct MetricsTests {
        @Test("every property of the statistics is exported", .timeLimit(.minutes(3)))
        func exportsEverything() async throws {
            let rig = try await ServiceRig()
            AIOMetrics([rig.context], factory: rig.metrics).export()
            let exported = Set(rig.metrics.counters.map(\.label) + rig.metrics.meters.map(\.label))
            for property in Mirror(reflecting: rig.context.statistics).children.compactMap(\.label) {
                // A property that is more than a number is exported under another name.
                let name = property == "latency" ? "duration_seconds_bucket" : property
                guard name != "failures" else { continue }
                #expect(exported.contains("aio_\(snakeCase(name))"), "\(property)")
            }
            for kind in ["read", "write", "synchronize", "readiness", "open", "metadata"] {
                _ = try rig.metrics.expectCounter("aio_operations", [("context", "rig"), ("kind", kind)])
            }
            try await rig.context.shutdown()
        }

        @Test("counters receive increments, gauges current values", .timeLimit(.minutes(3)))
        func exportsDifferences() async throws {
            let rig = try await ServiceRig()
            let metrics = AIOMetrics([rig.context], factory: rig.metrics)
            metrics.export()
            for result in [4096, 4096, -5] {
                let read = try await rig.startRead()
                metrics.export()
                #expect(try rig.metrics.expectMeter("aio_in_flight", [("context", "rig")]).lastValue == 1)
                rig.kernel.completeAll(result)
                _ = await read.result
                metrics.export()
            }
            metrics.export()
            func total(_ name: String, _ more: [(String, String)] = []) throws -> Int64 {
                try rig.metrics.expectCounter(name, [("context", "rig")] + more).totalValue
            }
            #expect(try total("aio_submitted") == 3)
            #expect(try total("aio_bytes_read") == 8192)
            #expect(try total("aio_failed") == 1)
            #expect(try total("aio_failures", [("errno", "EIO")]) == 1)
            #expect(try total("aio_operations", [("kind", "read")]) == 3)
            #expect(try rig.metrics.expectMeter("aio_in_flight", [("context", "rig")]).lastValue == 0)
            #expect(try rig.metrics.expectMeter("aio_queue_depth", [("context", "rig")]).lastValue == 8)
            try await rig.context.shutdown()
        }

        @Test("latency is exported as cumulative buckets, the last of which holds the count", .timeLimit(.minutes(3)))
        func exportsLatency() async throws {
            let rig = try await ServiceRig()
            for _ in 0..<5 {
                let read = try await rig.startRead()
                rig.kernel.completeAll()
                _ = await read.result
            }
            AIOMetrics([rig.context], factory: rig.metrics).export()
            let buckets = rig.metrics.counters(label: "aio_duration_seconds_bucket").map { counter in
                (bound: counter.dimensions.first { $0.0 == "le" }?.1 ?? "", count: counter.totalValue)
            }
            let finite = buckets.compactMap { bucket in Double(bucket.bound).map { ($0, bucket.count) } }
                .filter { $0.0.isFinite }.sorted { $0.0 < $1.0 }
            #expect(finite.count == AIOStatistics.Latency.exportedBounds.count)
            #expect(zip(finite, finite.dropFirst()).allSatisfy { $0.1 <= $1.1 })
            #expect(finite.first?.0 == 1.024e-06)
            #expect(buckets.first { $0.bound == "+Inf" }?.count == 6)
            #expect(rig.metrics.counterTotal(label: "aio_duration_seconds_count") == 6)
            // The opening and the scripted reads: none takes 17 s.
            #expect(finite.last?.1 == 6)
            try await rig.context.shutdown()
        }

        @Test("each property is exported under its own name with its own value")
        func exportsRightValues() throws {
            var counters = EngineCounters()
            for index in counters.started.indices { counters.started[index] = 1001 + index }
            (counters.submitted, counters.inline, counters.onBlockingThread, counters.completed) = (1, 2, 3, 4)
            (counters.failed, counters.cancelledBeforeSubmission, counters.cancelledByKernel) = (5, 6, 7)
            (counters.abandoned, counters.overloaded, counters.submitCalls, counters.submittedBlocks) = (8, 9, 10, 11)
            (counters.submitRetries, counters.noWaitRefusals, counters.spuriousEvents) = (12, 13, 14)
            (counters.wakeUps, counters.bytesRead, counters.bytesWritten, counters.inFlight) = (15, 16, 17, 18)
            (counters.peakInFlight, counters.pending, counters.peakPending) = (19, 20, 21)
            counters.failuresByErrno = [.ioError: 22, .noSpace: 23, Errno(rawValue: 4000): 24]
            let statistics = AIOStatistics(counters)
            let readings = Dictionary(
                uniqueKeysWithValues: statistics.counterReadings.map { ($0.key, Int($0.value)) }
                    + statistics.gaugeReadings.map { ($0.name, $0.value) })
            var values: Set<Int> = []
            for case (let name?, let value as Int) in Mirror(reflecting: statistics).children {
                #expect(readings["aio_\(snakeCase(name))"] == value, "\(name)")
                // Each is set above to a value of its own; a new property has to be added there.
                #expect(value > 0 && values.insert(value).inserted, "\(name) is \(value)")
            }
            #expect(values.count == 21)
            let operations = statistics.operations
            for (kind, count) in [
                ("read", operations.reads), ("write", operations.writes),
                ("synchronize", operations.synchronizations), ("readiness", operations.polls),
                ("open", operations.opens), ("metadata", operations.metadata),
            ] {
                #expect(count > 1000 && readings["aio_operations/\(kind)"] == count, "\(kind)")
            }
            #expect(
                Set([operations.reads, operations.writes, operations.synchronizations, operations.polls]).count == 4)
            for (name, count) in [("EIO", 22), ("ENOSPC", 23), ("4000", 24)] {
                #expect(readings["aio_failures/\(name)"] == count, "\(name)")
            }
        }

        @Test("contexts of the same name are added up, in gauges as well", .timeLimit(.minutes(3)))
        func addsUp() async throws {
            let rigs = [try await ServiceRig(), try await ServiceRig()]
            let (metrics, recorded) = (AIOMetrics(rigs.map(\.context), factory: rigs[0].metrics), rigs[0].metrics)
            let reads = [try await rigs[0].startRead(), try await rigs[0].startRead(), try await rigs[1].startRead()]
            metrics.export()
            let label = [("context", "rig")]
            #expect(try recorded.expectMeter("aio_in_flight", label).lastValue == 3)
            #expect(try recorded.expectMeter("aio_queue_depth", label).lastValue == 16)
            #expect(try recorded.expectCounter("aio_submitted", label).totalValue == 3)
            for rig in rigs { rig.kernel.completeAll() }
            for read in reads { _ = try await read.value }
            metrics.export()
            #expect(try recorded.expectMeter("aio_in_flight", label).lastValue == 0)
            #expect(try recorded.expectCounter("aio_bytes_read", label).totalValue == 3 * 4096)
            for rig in rigs { try await rig.context.shutdown() }
        }

        @Test("the sum of the latencies is in seconds, and never decreases in a forked child", .timeLimit(.minutes(3)))
        func exportsSeconds() async throws {
            let rig = try await ServiceRig()
            let seconds = SecondsRecorder()
            let metrics = AIOMetrics([rig.context], factory: seconds)
            metrics.export()
            let read = try await rig.startRead()
            rig.kernel.completeAll()
            _ = try await read.value
            metrics.export()
            metrics.export()
            let total = rig.context.statistics.latency.total / .seconds(1)
            #expect(total > 0)
            #expect(abs(seconds.increments.reduce(0, +) - total) < 1e-9)
            let status = try inForkedChild {
                metrics.export()
                return (seconds.increments + seconds.counts.map(Double.init)).allSatisfy { $0 >= 0 } ? 0 : 1
            }
            #expect(status == .exited(0))
            try await rig.context.shutdown()
        }

        @Test("a bucket counts what took no longer than its bound, and nothing else")
        func countsInBuckets() {
            var counters = EngineCounters()
            for nanoseconds: UInt64 in [1, 1023, 1100, 1500, 2047, 1 << 35] { counters.latency.record(nanoseconds) }
            let readings = Dictionary(
                uniqueKeysWithValues: AIOStatistics(counters).counterReadings.map { ($0.key, $0.value) })
            for (bound, count) in [
                ("1.024e-06", 2), ("2.048e-06", 5), ("4.096e-06", 5), ("17.179869184", 5), ("+Inf", 6),
            ] as [(String, Int64)] {
                #expect(readings["aio_duration_seconds_bucket/\(bound)"] == count, "\(bound)")
            }
        }

        @Test("figures of the host are exported without a context", .timeLimit(.minutes(3)))
        func exportsHost() async throws {
            let rig = try await ServiceRig()
            AIOMetrics([rig.context], factory: rig.metrics).export()
            let maximum = try AIOProcess.SystemLimits.current().maximum
            #expect(try rig.metrics.expectMeter("aio_system_events_maximum").lastValue == Double(maximum))
            // With no event left, no test on this host could run.
            #expect(try #require(rig.metrics.expectMeter("aio_system_events_in_use").lastValue) < Double(maximum))
            #expect(try #require(rig.metrics.expectMeter("aio_live_contexts").lastValue) >= 1)
            try await rig.context.shutdown()
        }

        @Test("exported from many tasks at once, nothing is counted twice", .timeLimit(.minutes(3)))
        func exportsOnce() async throws {
            let rig = try await ServiceRig()
            let metrics = AIOMetrics([rig.context], factory: rig.metrics)
            rig.kernel.setMode(.automatic)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<20 {
                            _ = try await rig.file.read(at: 0, count: 4096)
                            metrics.export()
                        }
                    }
                }
                try await group.waitForAll()
            }
            metrics.export()
            #expect(rig.metrics.counterTotal(label: "aio_submitted") == 160)
            #expect(rig.metrics.counters.allSatisfy { $0.values.allSatisfy { $0 >= 0 } })
            try await rig.context.shutdown()
        }

        private func snakeCase(_ name: String) -> String {
            name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
        }
    }

    /// A metrics backend that records the increments of the sum of seconds.
    private struct SecondsRecorder: PartialMetricsFactory {
        private let added = Monitor<[Double]>([])
        private let counted = Monitor<[Int64]>([])

        var increments: [Double] { added.withLock { $0 } }
        /// The increments of the other counters.
        var counts: [Int64] { counted.withLock { $0 } }

        func makeFloatingPointCounter(
            label: String, dimensions: [(String, String)]
        ) -> any FloatingPointCounterHandler {
            label == "aio_duration_seconds_sum" ? Seconds(added: added) : NOOPMetricsHandler.instance
        }

        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { Count(added: counted) }

        private final class Count: CounterHandler {
            private let added: Monitor<[Int64]>

            init(added: Monitor<[Int64]>) { self.added = added }

            func increment(by amount: Int64) { added.withLock { $0.append(amount) } }
            func reset() {}
        }

        private final class Seconds: FloatingPointCounterHandler {
            private let added: Monitor<[Double]>

            init(added: Monitor<[Double]>) { self.added = added }

            func increment(by amount: Double) { added.withLock { $0.append(amount) } }
            func reset() {}
        }
    }
#endif

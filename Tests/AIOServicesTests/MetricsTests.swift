#if Services
    import MetricsTestKit
    import SystemPackage
    import TestSupport
    import Testing

    @testable import AIO
    @testable import AIOServices

    @Suite("metrics")
    struct MetricsTests {
        @Test("every property of the statistics is exported: a new one is not forgotten", .timeLimit(.minutes(3)))
        func exportsEverything() async throws {
            let rig = try await ServiceRig()
            AIOMetrics([rig.context], factory: rig.metrics).export()
            let exported = Set(rig.metrics.counters.map(\.label) + rig.metrics.meters.map(\.label))
            for property in Mirror(reflecting: rig.context.statistics).children.compactMap(\.label) {
                // Where a property is more than a number, it has another name.
                let name = property == "latency" ? "duration_seconds_bucket" : property
                guard name != "failures" else { continue }
                #expect(exported.contains("aio_\(snakeCase(name))"), "\(property)")
            }
            for kind in ["read", "write", "synchronize", "readiness", "open", "metadata"] {
                _ = try rig.metrics.expectCounter("aio_operations", [("context", "rig"), ("kind", kind)])
            }
            try await rig.context.shutdown()
        }

        @Test("counters get what was added, gauges what is", .timeLimit(.minutes(3)))
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

        @Test("latency comes as cumulative buckets that end at its count", .timeLimit(.minutes(3)))
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
            // An opening and reads of a script: none takes 17 s.
            #expect(finite.last?.1 == 6)
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
#endif

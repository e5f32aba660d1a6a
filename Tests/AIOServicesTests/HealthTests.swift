#if Services
    import SystemPackage
    import TestSupport
    import Testing

    @testable import AIO
    @testable import AIOServices

    @Suite("health")
    struct HealthTests {
        @Test(
            "a stuck operation is named with file, offset and age; waits for readiness are not", .timeLimit(.minutes(3))
        )
        func reportsStuckOperations() async throws {
            let rig = try await ServiceRig()
            let pipe = try OpenDescriptor.pipe()
            let wait = Task { try await rig.context.waitUntilReady(pipe.read.descriptor, for: .readable) }
            try await rig.kernel.waitUntilSubmitted(1)
            let read = try await rig.startRead(at: 20480)
            var limits = AIOHealth.Limits()
            #expect(monitor(rig, limits).check().isHealthy)

            limits.stuckAfter = .zero
            let health = monitor(rig, limits).check()
            guard case .stuck("rig", let operations)? = health.problems.first else {
                Issue.record("\(health)")
                return
            }
            #expect(health.problems.count == 1)
            #expect(operations.map(\.path) == [rig.source.path])
            #expect(operations.map(\.offset) == [20480])
            #expect(operations.allSatisfy { $0.age > .zero })
            #expect(health.description.contains("context rig: stuck: read of \(rig.source.path) at offset 20480"))

            limits.includesReadiness = true
            guard case .stuck(_, let all)? = monitor(rig, limits).check().problems.first else { return }
            #expect(all.map(\.kind) == [.readiness, .read])

            wait.cancel()
            rig.kernel.completeAll()
            _ = await (wait.result, read.result)
            #expect(monitor(rig, limits).check().isHealthy)
            try await rig.context.shutdown()
        }

        @Test(
            "a stuck operation is reported, however many older waits for readiness there are", .timeLimit(.minutes(3)))
        func reportsAStuckOperationBehindOlderWaits() async throws {
            let rig = try await ServiceRig()
            let pipe = try OpenDescriptor.pipe()
            let waits = (0..<5000).map { _ in
                Task { try await rig.context.waitUntilReady(pipe.read.descriptor, for: .readable) }
            }
            #expect(
                await eventually { rig.context.statistics.inFlight + rig.context.statistics.pending == waits.count })
            let read = Task { [file = rig.file] in try await file.read(at: 20480, count: 4096) }
            #expect(
                await eventually { rig.context.statistics.inFlight + rig.context.statistics.pending > waits.count })
            var limits = AIOHealth.Limits()
            limits.stuckAfter = .zero
            limits.pending = .max
            limits.maximumNamed = 0
            // At least one is reported, whatever the limit is.
            guard case .stuck("rig", let operations)? = monitor(rig, limits).check().problems.first else {
                Issue.record("nothing is stuck")
                return
            }
            #expect(operations.map(\.offset) == [20480])
            try await rig.context.shutdown(.cancel)
            for wait in waits { _ = await wait.result }
            _ = await read.result
        }

        @Test("more failures than the limit are a problem, if their errors count", .timeLimit(.minutes(3)))
        func reportsTooManyFailures() async throws {
            let rig = try await ServiceRig()
            var limits = AIOHealth.Limits()
            limits.minimumCompleted = 4
            limits.errorRate = 0.5
            let monitor = monitor(rig, limits)
            // Three of six: not more than half.
            for result in [nil, nil, nil, -5, -5, -5] { try await complete(result, rig) }
            #expect(monitor.check().isHealthy)
            try await complete(-5, rig)
            #expect(
                monitor.check().problems == [
                    .errorRate(context: "rig", failed: 4, completed: 7, errors: [.ioError: 4])
                ])
            // A new monitor counts only what comes later, and errors that say nothing about the device do not count.
            let later = self.monitor(rig, limits)
            for _ in 0..<6 { try await complete(-2, rig) }
            #expect(later.check().isHealthy)
            try await rig.context.shutdown()
        }

        @Test("no error rate is computed from too few operations", .timeLimit(.minutes(3)))
        func ignoresErrorsOfTooFewOperations() async throws {
            let rig = try await ServiceRig()
            let monitor = monitor(rig, .init())
            for _ in 0..<3 { try await complete(-5, rig) }
            #expect(monitor.check().isHealthy)
            try await rig.context.shutdown()
        }

        @Test("a backlog is a problem, by its own limit or by the queue depth", .timeLimit(.minutes(3)))
        func reportsABacklog() async throws {
            let rig = try await ServiceRig(depth: 1)
            let reads = (0..<18).map { index in
                Task { [file = rig.file] in try await file.read(at: Int64(index) * 4096, count: 4096) }
            }
            #expect(await eventually { rig.context.statistics.pending == 17 })
            #expect(monitor(rig, .init()).check().problems == [.backlog(context: "rig", pending: 17, limit: 16)])
            var limits = AIOHealth.Limits()
            limits.pending = 17
            #expect(monitor(rig, limits).check().isHealthy)
            rig.kernel.setMode(.automatic)
            rig.kernel.completeAll()
            for read in reads { _ = await read.result }
            try await rig.context.shutdown()
        }

        @Test("a host whose events are nearly used up is a problem")
        func reportsTheSystemLimit() async throws {
            let rig = try await ServiceRig()
            #expect(monitor(rig, .init(), host: (90, 100)).check().isHealthy)
            #expect(monitor(rig, .init(), host: (91, 100)).check().problems == [.systemLimit(inUse: 91, maximum: 100)])
            #expect(monitor(rig, .init(), host: nil).check().isHealthy)
            try await rig.context.shutdown()
        }

        @Test("the window covers its length, however often it is advanced")
        func theWindowCoversItsLength() {
            let start = ContinuousClock.now
            func at(_ seconds: Int, _ completed: Int, _ failed: Int) -> ErrorWindow.Snapshot {
                .init(start + .seconds(seconds), completed: completed, failures: [.ioError: failed])
            }
            var window = ErrorWindow(length: .seconds(80), at(0, 100, 10))
            #expect(window.advance(to: at(1, 110, 12)) == (10, [.ioError: 2]))
            for second in 2..<80 { _ = window.advance(to: at(second, 110, 12)) }
            // The start of the window is still covered.
            #expect(window.advance(to: at(80, 120, 12)) == (20, [.ioError: 2]))
            // A failure leaves by its own age, though the window moves in steps: this one is of second 121.
            var other = ErrorWindow(length: .seconds(80), at(0, 0, 0))
            for second in 1..<200 {
                let recent = other.advance(to: at(second, second, second < 121 ? 0 : 1))
                #expect(recent.failures == (second < 121 ? [:] : [.ioError: 1]), "\(second)")
            }
            // It counts for all of the 80 seconds, and is gone one step later.
            #expect(other.advance(to: at(201, 201, 1)).failures == [.ioError: 1])
            #expect(other.advance(to: at(211, 211, 1)).failures == [:])
            // A step that ends exactly where the window begins is the baseline.
            var exact = ErrorWindow(length: .seconds(80), at(0, 0, 0))
            #expect(exact.advance(to: at(10, 0, 1)).failures == [.ioError: 1])
            #expect(exact.advance(to: at(90, 0, 1)).failures == [:])
            // The failures of second 1 have left it; nothing failed since.
            for second in 81..<170 { _ = window.advance(to: at(second, 120, 12)) }
            #expect(window.advance(to: at(170, 130, 12)) == (10, [:]))
        }

        private func monitor(
            _ rig: ServiceRig, _ limits: AIOHealth.Limits, host: (Int, Int)? = (0, 100)
        ) -> AIOHealthMonitor {
            AIOHealthMonitor([rig.context], limits: limits, now: .now) { host.map { (inUse: $0.0, maximum: $0.1) } }
        }

        private func complete(_ result: Int?, _ rig: ServiceRig) async throws {
            let read = try await rig.startRead()
            rig.kernel.completeAll(result)
            _ = await read.result
        }
    }

    private func == (left: (completed: Int, failures: [Errno: Int]), right: (Int, [Errno: Int])) -> Bool {
        left.completed == right.0 && left.failures == right.1
    }
#endif

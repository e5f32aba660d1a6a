#if Services
    import InMemoryLogging
    import Logging
    import MetricsTestKit
    import SystemPackage
    import TestSupport
    import Testing

    @testable import AIO
    @testable import AIOServices

    /// What a service does on an interval while it runs.
    @Suite("AIOService, on an interval")
    struct IntervalTests {
        @Test("metrics are pushed on the interval, and each push has what is new", .timeLimit(.minutes(3)))
        func pushesMetrics() async throws {
            let rig = try await ServiceRig()
            let recorder = PushRecorder()
            let interval = Duration.milliseconds(100)
            var configuration = AIOService.Configuration()
            configuration.metricsInterval = interval
            configuration.healthInterval = nil
            let service = AIOService(rig.context, configuration: configuration, metrics: recorder)
            let running = Task { try await service.run() }
            let second = try await recorder.wait(for: "the second push") { $0.dropFirst().first }
            #expect(second.totals["aio_submitted"] == 0)
            let read = try await rig.startRead()
            // Only the interval can export it: the service goes on running.
            let pushed = try await recorder.wait(for: "the read to be pushed") { pushes in
                pushes.first { $0.totals["aio_submitted"] == 1 }
            }
            #expect(pushed.totals["aio_completed"] == second.totals["aio_completed"])
            rig.kernel.completeAll()
            _ = try await read.value
            _ = try await recorder.wait(for: "the bytes to be pushed") { pushes in
                pushes.first { $0.totals["aio_bytes_read"] == 4096 }
            }
            // Pushes may be late on a busy machine, but not early, as on every iteration of a loop. Half the interval,
            // as the clocks of the timers and of this test may be corrected against each other.
            let pushes = recorder.pushes
            for (earlier, later) in zip(pushes, pushes.dropFirst()) {
                #expect(later.time - earlier.time >= interval / 2)
            }
            running.cancel()
            try await running.value
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("without an interval metrics are pushed once, when the service ends", .timeLimit(.minutes(3)))
        func pushesOnceWhenTheServiceEnds() async throws {
            let rig = try await ServiceRig()
            let recorder = PushRecorder()
            var configuration = AIOService.Configuration()
            configuration.metricsInterval = nil
            configuration.healthInterval = nil
            let service = AIOService(
                rig.context, configuration: configuration, logger: rig.logger(.debug), metrics: recorder)
            let running = Task { try await service.run() }
            #expect(await eventually { rig.entries("AIO context in service").count == 1 })
            let read = try await rig.startRead()
            rig.kernel.completeAll()
            _ = try await read.value
            #expect(recorder.pushes.isEmpty)
            running.cancel()
            try await running.value
            let pushes = recorder.pushes
            #expect(pushes.count == 1)
            #expect(pushes.first?.totals["aio_bytes_read"] == 4096)
        }

        @Test("health() reports a stuck operation with file, offset and age", .timeLimit(.minutes(3)))
        func reportsAStuckOperation() async throws {
            let rig = try await ServiceRig()
            var configuration = AIOService.Configuration()
            configuration.healthLimits = limits
            let service = AIOService(rig.context, configuration: configuration, metrics: rig.metrics)
            #expect(service.health().isHealthy)
            let read = try await rig.startRead(at: 20480)
            // Only time has to pass until it counts as stuck.
            #expect(await eventually { !service.health().isHealthy })
            let health = service.health()
            guard case .stuck("rig", let operations)? = health.problems.first else {
                Issue.record("\(health)")
                return
            }
            #expect(operations.map(\.path) == [rig.source.path])
            #expect(operations.map(\.offset) == [20480])
            #expect(operations.map(\.count) == [4096])
            #expect(operations.allSatisfy { $0.age >= limits.stuckAfter })
            rig.kernel.completeAll()
            _ = try await read.value
            #expect(service.health().isHealthy)
            try await rig.context.shutdown()
        }

        @Test("a stuck operation and the recovery are logged on the interval, once each", .timeLimit(.minutes(3)))
        func logsStuckOperation() async throws {
            let rig = try await ServiceRig()
            var configuration = AIOService.Configuration()
            configuration.metricsInterval = nil
            configuration.healthInterval = .milliseconds(5)
            configuration.healthLimits = limits
            // Orderly operation logs nothing at this level: every entry is about health.
            let service = AIOService(
                rig.context, configuration: configuration, logger: rig.logger(.notice), metrics: rig.metrics)
            let running = Task { try await service.run() }
            let read = try await rig.startRead(at: 20480)
            #expect(await eventually { !rig.log.entries.isEmpty })
            // Old enough that it has been checked again: the same problem is not logged twice.
            #expect(await eventually { (rig.context.oldestOperations(maximum: 1).first?.age ?? .zero) > .seconds(1) })
            rig.kernel.completeAll()
            _ = try await read.value
            #expect(await eventually { rig.log.entries.count == 2 })
            running.cancel()
            try await running.value
            let entries = rig.log.entries
            #expect(entries.map(\.message) == ["AIO is not healthy", "AIO is healthy again"])
            #expect(entries.map(\.level) == [.warning, .notice])
            let metadata = try #require(entries.first?.metadata)
            #expect(metadata["problem"] == "stuck/rig")
            let detail = try #require(metadata["detail"]).description
            #expect(detail.contains("read of \(rig.source.path) at offset 20480"), "\(detail)")
            // "… for 0.0213 seconds", as Duration describes itself.
            let age = try #require(
                detail.split(separator: " for ").last?.split(separator: " ").first.flatMap { Double($0) })
            #expect(.seconds(age) >= limits.stuckAfter, "\(detail)")
        }

        private var limits: AIOHealth.Limits {
            var limits = AIOHealth.Limits()
            limits.stuckAfter = .milliseconds(20)
            // Other contexts of the host must not make this one unhealthy.
            limits.systemShare = 2
            return limits
        }
    }
#endif

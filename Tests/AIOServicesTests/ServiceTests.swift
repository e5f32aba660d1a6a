#if Services
    import AIOEngine
    import InMemoryLogging
    import Logging
    import MetricsTestKit
    import ServiceLifecycle
    import SystemPackage
    import TestSupport
    import Testing

    @testable import AIO
    @testable import AIOServices

    @Suite("AIOService")
    struct ServiceTests {
        @Test("a graceful shutdown lets operations complete, and then destroys the context", .timeLimit(.minutes(3)))
        func drains() async throws {
            let rig = try await ServiceRig()
            let read = try await rig.startRead()
            let ending = try await end(rig.service(), of: rig)
            // It waits for the kernel and starts nothing new.
            #expect(await eventually { !rig.context.engine.isOpen })
            #expect(rig.entries("AIO contexts drain").count == 1)
            await #expect(throws: AIOError.self) { try await rig.file.read(at: 0, count: 4096) }
            #expect(rig.kernel.destroyCount == 0)
            rig.kernel.completeAll()
            #expect(try await read.value.count == 4096)
            try await ending.value
            #expect(rig.kernel.destroyCount == 1)
            #expect(rig.kernel.inFlightAtDestroy == 0)
            #expect(rig.entries("AIO operation is cut off").isEmpty)
            let destroyed = try #require(rig.entries("AIO context destroyed").first?.metadata)
            #expect(destroyed["aio-context"] == "rig")
            // The opening and the read.
            #expect(destroyed["completed"] == "2")
            #expect(destroyed["duration"] != nil)
        }

        @Test(
            "what a drain does not complete is cancelled, and logged with file, offset and age", .timeLimit(.minutes(3))
        )
        func cutsOffWhatOutlastsTheDrain() async throws {
            let rig = try await ServiceRig()
            let read = try await rig.startRead(at: 12288)
            let ending = try await end(rig.service(drain: .milliseconds(50)), of: rig)
            // The read's task is resumed although the operation is still in flight.
            await #expect { try await read.value } throws: { ($0 as? AIOError)?.code == .shutDown }
            rig.kernel.completeAll()
            try await ending.value
            let entries = rig.entries("AIO operation is cut off")
            #expect(entries.map(\.level) == [.warning])
            let metadata = try #require(entries.first?.metadata)
            #expect(metadata["operation"] == "read")
            #expect(metadata["file"] == "\(rig.source.path)")
            #expect(metadata["offset"] == "12288")
            #expect(metadata["count"] == "4096")
            #expect(metadata["stage"] == "inKernel")
            #expect(metadata["age"] != nil)
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("what the kernel does not complete is waited for until the cancel timeout", .timeLimit(.minutes(3)))
        func givesUpAfterTheCancelTimeout() async throws {
            let rig = try await ServiceRig()
            let write = try await rig.startWrite(at: 8192)
            let ending = try await end(rig.service(drain: .milliseconds(50), cancel: .milliseconds(50)), of: rig)
            await #expect { try await ending.value } throws: { ($0 as? AIOError)?.code == .timedOut }
            let entries = rig.entries("AIO operation is still with the kernel")
            #expect(entries.map(\.level) == [.error])
            #expect(entries.first?.metadata["file"] == "\(rig.source.path)")
            #expect(entries.first?.metadata["offset"] == "8192")
            #expect(rig.kernel.destroyCount == 0)
            // The write completes after all: the context ends in the background.
            rig.kernel.completeAll()
            #expect(try await write.value == 4096)
            try await rig.context.shutdown()
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("cancelling its task cancels at once, without a drain", .timeLimit(.minutes(3)))
        func cancels() async throws {
            let rig = try await ServiceRig()
            let read = try await rig.startRead()
            let service = rig.service()
            let running = Task { try await service.run() }
            running.cancel()
            await #expect { try await read.value } throws: { ($0 as? AIOError)?.code == .shutDown }
            rig.kernel.completeAll()
            try await running.value
            #expect(rig.entries("AIO contexts drain").isEmpty)
            #expect(rig.entries("AIO operation is cut off").count == 1)
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("cancelling its task during the drain ends the drain", .timeLimit(.minutes(3)))
        func cancelsDrain() async throws {
            let rig = try await ServiceRig()
            let read = try await rig.startRead()
            let ending = try await end(rig.service(), of: rig)
            #expect(await eventually { rig.entries("AIO contexts drain").count == 1 })
            ending.cancel()
            await #expect { try await read.value } throws: { ($0 as? AIOError)?.code == .shutDown }
            rig.kernel.completeAll()
            _ = await ending.result
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("timeouts of aeons do not trap", .timeLimit(.minutes(3)))
        func acceptsTimeoutsOfAeons() async throws {
            let rig = try await ServiceRig()
            let read = try await rig.startRead()
            let aeons = Duration.seconds(Int64.max)
            var configuration = AIOService.Configuration()
            (configuration.drainTimeout, configuration.cancelTimeout) = (aeons, aeons)
            (configuration.metricsInterval, configuration.healthInterval) = (aeons, aeons)
            configuration.healthLimits.stuckAfter = aeons
            configuration.healthLimits.errorWindow = aeons
            let service = AIOService(
                rig.context, configuration: configuration, logger: rig.logger(.debug), metrics: rig.metrics)
            let ending = try await end(service, of: rig)
            #expect(await eventually { rig.entries("AIO contexts drain").count == 1 })
            #expect(service.health().problems.allSatisfy { if case .systemLimit = $0 { true } else { false } })
            rig.kernel.completeAll()
            #expect(try await read.value.count == 4096)
            try await ending.value
            #expect(rig.entries("AIO operation is cut off").isEmpty)
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("a context on blocking threads is warned of once", .timeLimit(.minutes(3)))
        func warnsOfThreads() async throws {
            let log = InMemoryLogHandler()
            // More events than any host has.
            var settings = AIOContext.Configuration(queueDepth: 4_000_000, name: "refused")
            settings.fallback = .threads
            let context = try AIOContext(settings)
            var configuration = AIOService.Configuration()
            configuration.healthInterval = .milliseconds(1)
            let service = AIOService(
                context, configuration: configuration, logger: Logger(label: "test") { _ in log },
                metrics: TestMetrics())
            let running = Task { try await service.run() }
            func warnings() -> [InMemoryLogHandler.Entry] {
                log.entries.filter { $0.message == "AIO runs on blocking threads" }
            }
            #expect(warnings().isEmpty)
            let source = try PatternFile(size: 1 << 16)
            let file = try await AIOFile.open(source.path, caching: .direct, on: context)
            #expect(source.pattern.matches(try await file.read(at: 4096, count: 4096), at: 4096))
            #expect(await eventually { warnings().count == 1 })
            #expect(warnings().first?.metadata["aio-context"] == "refused")
            #expect(warnings().first?.metadata["reason"]?.description.contains("fs.aio-max-nr") == true)
            #expect(context.statistics.isOnThreads)
            try await file.close()
            running.cancel()
            try await running.value
            #expect(warnings().count == 1)
        }

        @Test("with no time to drain, what is in flight is cut off at once", .timeLimit(.minutes(3)))
        func cutsOffAtOnceWithoutTimeToDrain() async throws {
            let rig = try await ServiceRig()
            let read = try await rig.startRead()
            let ending = try await end(rig.service(drain: .zero), of: rig)
            await #expect { try await read.value } throws: { ($0 as? AIOError)?.code == .shutDown }
            rig.kernel.completeAll()
            try await ending.value
            #expect(rig.entries("AIO operation is cut off").count == 1)
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("a service cancelled before it runs still ends its contexts", .timeLimit(.minutes(3)))
        func endsItsContextsWhenCancelledBeforeItRuns() async throws {
            let rig = try await ServiceRig()
            let service = rig.service()
            let running = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await service.run()
            }
            try await running.value
            #expect(rig.kernel.destroyCount == 1)
            #expect(rig.entries("AIO context destroyed").count == 1)
            #expect(!rig.metrics.counters.isEmpty)
        }

        @Test("of many operations that are cut off, the rest is logged as a number", .timeLimit(.minutes(3)))
        func boundsTheLog() async throws {
            let rig = try await ServiceRig(depth: 64)
            var reads: [Task<AIOBuffer, any Error>] = []
            for index in 0..<20 { reads.append(try await rig.startRead(at: Int64(index) * 4096)) }
            try await expectBoundedLog(rig, of: reads, drain: .milliseconds(50))
        }

        @Test("operations that wait for a permit and abandoned ones are cut off too", .timeLimit(.minutes(3)))
        func countsAllThatIsCutOff() async throws {
            let rig = try await ServiceRig(depth: 4)
            var reads: [Task<AIOBuffer, any Error>] = []
            for index in 0..<4 { reads.append(try await rig.startRead(at: Int64(index) * 4096)) }
            reads[0].cancel()
            await #expect(throws: CancellationError.self) { try await reads[0].value }
            reads += (4..<20).map { index in
                Task { [file = rig.file] in try await file.read(at: Int64(index % 8) * 4096, count: 4096) }
            }
            #expect(await eventually { rig.context.statistics.pending == 16 })
            let entries = try await expectBoundedLog(rig, of: reads, drain: .zero)
            #expect(entries.first?.metadata["abandoned"] == "true")
            #expect(entries.dropFirst().allSatisfy { $0.metadata["abandoned"] == nil })
            #expect(entries.filter { $0.metadata["stage"] == "waiting" }.count == 12)
        }

        @Test("without a logger nothing is logged, whatever the program's log handler", .timeLimit(.minutes(3)))
        func isSilent() async throws {
            let rig = try await ServiceRig()
            #expect(AIOService(rig.context).logger.handler is SwiftLogNoOpLogHandler)
            try await rig.context.shutdown()
        }

        @Test("at the usual log level orderly operation logs nothing", .timeLimit(.minutes(3)))
        func isQuiet() async throws {
            let rig = try await ServiceRig()
            try await end(rig.service(level: .info), of: rig).value
            #expect(rig.log.entries.isEmpty, "\(rig.log.entries)")
            #expect(rig.kernel.destroyCount == 1)
        }

        @Test("the contexts of a service end concurrently, and the last figures are exported", .timeLimit(.minutes(3)))
        func endsGroups() async throws {
            let rig = try await ServiceRig(name: "scripted")
            let other = try await ServiceRig(name: "other")
            var configuration = AIOService.Configuration()
            configuration.metricsInterval = nil
            configuration.healthInterval = nil
            let service = AIOService(
                [rig.context, other.context], configuration: configuration, logger: rig.logger(.debug),
                metrics: rig.metrics)
            #expect("\(service)" == "AIOService(scripted, other)")
            let reads = [try await rig.startRead(), try await other.startRead()]
            let ending = try await end(service, of: rig)
            rig.kernel.completeAll()
            other.kernel.completeAll()
            for read in reads { _ = try await read.value }
            try await ending.value
            for name in ["scripted", "other"] {
                let counter = try rig.metrics.expectCounter("aio_completed", [("context", name)])
                // The opening and the read.
                #expect(counter.totalValue == 2)
            }
        }

        /// Ends a service with 20 reads in flight or pending: 16 are logged, the others as a number.
        @discardableResult private func expectBoundedLog(
            _ rig: ServiceRig, of reads: [Task<AIOBuffer, any Error>], drain: Duration
        ) async throws -> [InMemoryLogHandler.Entry] {
            let ending = try await end(rig.service(drain: drain), of: rig)
            // Logged before they are cancelled: what the kernel completed earlier would let others be submitted.
            for read in reads { _ = await read.result }
            rig.kernel.completeAll()
            try await ending.value
            let entries = rig.entries("AIO operation is cut off")
            #expect(entries.count == 17)
            #expect(entries.last?.metadata["more"] == "4")
            return entries
        }

        /// Runs the service in a group, and begins its graceful shutdown once it is up.
        private func end(_ service: AIOService, of rig: ServiceRig) async throws -> Task<Void, any Error> {
            let up = Monitor(false)
            let group = ServiceGroup(
                services: [service, Bystander(up: up)], logger: Logger(label: "group") { _ in InMemoryLogHandler() })
            let running = Task { try await group.run() }
            // A group that is shut down before it runs would not run at all.
            try await up.wait(for: "the services to run") { $0 ? () : nil }
            await group.triggerGracefulShutdown()
            return running
        }
    }

    /// Signals that the group runs, and returns on its graceful shutdown.
    private struct Bystander: Service {
        let up: Monitor<Bool>

        func run() async throws {
            up.withLock { $0 = true }
            try await gracefulShutdown()
        }
    }
#endif

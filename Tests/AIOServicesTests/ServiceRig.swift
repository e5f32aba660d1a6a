#if Services
    import CoreMetrics
    import InMemoryLogging
    import Logging
    import MetricsTestKit
    import ServiceLifecycle
    import SystemPackage
    import TestSupport
    import Testing

    @testable import AIO
    @testable import AIOServices

    /// A service on a scripted kernel, run by a `ServiceGroup`, with everything it logs and exports in view.
    struct ServiceRig {
        let kernel: ScriptedKernel
        let context: AIOContext
        let source: PatternFile
        let file: AIOFile
        let log = InMemoryLogHandler()
        let metrics = TestMetrics()

        init(depth: Int = 8, name: String = "rig") async throws {
            kernel = try ScriptedKernel()
            var configuration = AIOContext.Configuration()
            configuration.queueDepth = depth
            configuration.name = name
            configuration.prepares = true
            context = try AIOContext(configuration, kernels: [kernel])
            source = try PatternFile(size: 1 << 16)
            file = try await AIOFile.open(source.path, .readWrite, caching: .direct, on: context)
        }

        func logger(_ level: Logger.Level) -> Logger {
            var logger = Logger(label: "test") { _ in log }
            logger.logLevel = level
            return logger
        }

        /// Returns a service whose timeouts are long, so that they pass only in tests that are about them.
        func service(
            drain: Duration = .seconds(300), cancel: Duration = .seconds(300), level: Logger.Level = .debug
        ) -> AIOService {
            var configuration = AIOService.Configuration()
            configuration.drainTimeout = drain
            configuration.cancelTimeout = cancel
            configuration.metricsInterval = nil
            configuration.healthInterval = nil
            return AIOService(context, configuration: configuration, logger: logger(level), metrics: metrics)
        }

        /// Starts a read and waits until it has been submitted.
        func startRead(at offset: Int64 = 4096) async throws -> Task<AIOBuffer, any Error> {
            let before = kernel.submissions.count
            let read = Task { [file] in try await file.read(at: offset, count: 4096) }
            try await kernel.waitUntilSubmitted(before + 1)
            return read
        }

        /// Starts a write and waits until it has been submitted: only its event completes it.
        func startWrite(at offset: Int64 = 8192) async throws -> Task<Int, any Error> {
            let before = kernel.submissions.count
            let write = Task { [file] in try await file.write(AIOBuffer(count: 4096), at: offset) }
            try await kernel.waitUntilSubmitted(before + 1)
            return write
        }

        func entries(_ message: Logger.Message) -> [InMemoryLogHandler.Entry] {
            log.entries.filter { $0.message == message }
        }
    }

#endif

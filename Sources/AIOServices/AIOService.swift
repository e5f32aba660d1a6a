#if Services
    public import AIO
    public import CoreMetrics
    public import Logging
    public import ServiceLifecycle

    /// Owns contexts for as long as a program runs, and ends them in order: a ServiceLifecycle `Service`.
    ///
    /// ```swift
    /// let context = try AIOContext()
    /// let service = AIOService(context, logger: logger)
    /// let group = ServiceGroup(
    ///     services: [service, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    /// try await group.run()
    /// ```
    /// A `ServiceGroup` ends its services in the reverse order: name this one **before** those that do I/O on its
    /// contexts, and they have ended when it begins to.
    ///
    /// On a graceful shutdown it lets operations end (``Configuration/drainTimeout``), then cancels what is left and
    /// logs what that was, and waits until kernel context and threads are gone. When its task is cancelled it cancels
    /// at once. While it runs it exports metrics and looks after the contexts' health, each on an interval.
    public struct AIOService: Service {
        /// How it goes about it.
        public struct Configuration: Sendable {
            /// How long operations may take to end by themselves once the shutdown has begun; then they are cancelled.
            public var drainTimeout: Duration = .seconds(10)
            /// How long to wait after that for what the kernel does not give back: a write on a disk that does not
            /// answer. Then ``AIOService/run()`` throws, and the context ends in the background, or with the process.
            public var cancelTimeout: Duration = .seconds(10)
            /// How often to export metrics; nil: never. A last time when everything has ended, always.
            public var metricsInterval: Duration? = .seconds(10)
            /// How often to look after the contexts and log what is wrong with them, when that changes; nil: never.
            public var healthInterval: Duration? = .seconds(10)
            /// What counts as wrong.
            public var healthLimits = AIOHealth.Limits()
            /// How many of the operations that were cut off are logged, one line each.
            public var maximumLogged = 16

            /// The defaults.
            public init() {}
        }

        /// The contexts it owns.
        public let contexts: [AIOContext]
        /// How it goes about it.
        public let configuration: Configuration
        /// Looks after the contexts; ask it from a health check of your own.
        public let monitor: AIOHealthMonitor
        /// Exports the contexts' statistics; ask it for one more export before a page of metrics is written.
        public let metrics: AIOMetrics
        let logger: Logger

        /// Takes a context over: nobody else should shut it down.
        ///
        /// - Parameters:
        ///   - configuration: time limits and intervals.
        ///   - logger: for what happens to the contexts; nothing is logged without one.
        ///   - metrics: where to export to; nil for the factory that `MetricsSystem` was set up with.
        public init(
            _ context: AIOContext, configuration: Configuration = .init(), logger: Logger? = nil,
            metrics: (any MetricsFactory)? = nil
        ) {
            self.init([context], configuration: configuration, logger: logger, metrics: metrics)
        }

        /// Takes all contexts of a group over; they end side by side.
        public init(
            _ group: AIOContextGroup, configuration: Configuration = .init(), logger: Logger? = nil,
            metrics: (any MetricsFactory)? = nil
        ) {
            self.init(group.contexts, configuration: configuration, logger: logger, metrics: metrics)
        }

        init(
            _ contexts: [AIOContext], configuration: Configuration, logger: Logger?, metrics: (any MetricsFactory)?
        ) {
            self.contexts = contexts
            self.configuration = configuration
            self.logger = logger ?? Logger(label: "aio") { _ in SwiftLogNoOpLogHandler() }
            monitor = AIOHealthMonitor(contexts, limits: configuration.healthLimits)
            self.metrics = AIOMetrics(contexts, factory: metrics)
        }

        /// Runs until a graceful shutdown or until the task is cancelled, and returns with the contexts gone.
        ///
        /// - Throws: ``AIOError/Code/timedOut`` when the kernel kept operations for longer than
        ///   ``Configuration/cancelTimeout``; otherwise nothing, cut off operations are not an error.
        public func run() async throws {
            for context in contexts { logger.debug("AIO context in service", metadata: context.metadata) }
            defer { metrics.export() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await repeating(configuration.metricsInterval) { metrics.export() } }
                group.addTask { await watchHealth() }
                // Throws when the task was cancelled: then there is no time to drain.
                let isGraceful = (try? await gracefulShutdown()) != nil
                let result = await ContextsEnding(self).end(draining: isGraceful)
                group.cancelAll()
                try result.get()
            }
        }

        /// How the contexts are now.
        public func health() -> AIOHealth { monitor.check() }

        /// Logs what is wrong when it has changed, and when all is well again.
        private func watchHealth() async {
            var told: Set<String> = []
            await repeating(configuration.healthInterval) {
                let health = monitor.check()
                // By kind and context: ages and figures are new at every look.
                let names = Set(health.problems.map(\.name))
                guard names != told else { return }
                told = names
                for problem in health.problems { logger.warning("AIO is not healthy", metadata: problem.metadata) }
                if health.isHealthy { logger.notice("AIO is healthy again") }
            }
        }
    }

    extension AIOService: CustomStringConvertible {
        /// How a `ServiceGroup` names it in its log.
        public var description: String { "AIOService(\(contexts.map(\.configuration.name).joined(separator: ", ")))" }
    }

    /// Until the task is cancelled; nil: not at all.
    private func repeating(_ interval: Duration?, _ body: () -> Void) async {
        guard let interval else { return }
        while !Task.isCancelled {
            body()
            do { try await Task.sleep(for: interval.countable) } catch { return }
        }
    }
#endif

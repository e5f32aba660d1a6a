#if Services
    public import AIO
    public import CoreMetrics
    public import Logging
    public import ServiceLifecycle

    // The files of this target, which the package trait Services switches on:
    //
    // - `AIOService` runs and ends contexts; `ContextsEnding` has the steps of the ending.
    // - `AIOHealthMonitor` checks contexts and makes a report, an `AIOHealth`; `ErrorWindow` (a value) counts recent
    //   failures, and `ErrorWindow+Statistics` takes them from a context's statistics.
    // - `AIOMetrics` exports statistics. `AIOStatistics+Metrics` and `Errno+Metrics` have the names, `CounterReading`
    //   is one value.
    // - `AIOContext+Log`, `AIOLiveOperation+Log` and `AIOHealth+Log` have what the log says of each, by stable keys.

    /// Owns contexts while a program runs, and ends them in order: a ServiceLifecycle `Service`.
    ///
    /// ```swift
    /// let context = try AIOContext()
    /// let service = AIOService(context, logger: logger)
    /// let group = ServiceGroup(
    ///     services: [service, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    /// try await group.run()
    /// ```
    /// A `ServiceGroup` shuts its services down in the reverse order: list this one **before** the services that do I/O
    /// on its contexts, so that they have ended when this one begins to end.
    ///
    /// On a graceful shutdown it lets operations complete (``Configuration/drainTimeout``), then logs and cancels the
    /// remaining ones, and waits until the kernel contexts and the threads are gone. When its task is cancelled it
    /// cancels the operations at once. While it runs it exports metrics and checks the contexts' health, each on an
    /// interval.
    public struct AIOService: Service {
        /// The time limits, the intervals and the health limits of a service.
        public struct Configuration: Sendable {
            /// How long operations may take to complete once the shutdown has begun; then they are cancelled.
            public var drainTimeout: Duration = .seconds(10)
            /// How long to wait after that for operations that the kernel does not cancel, such as a write to a disk
            /// that does not respond. Then ``AIOService/run()`` throws, and the context ends in the background, or with
            /// the process.
            public var cancelTimeout: Duration = .seconds(10)
            /// How often to export metrics; nil: not on an interval. The last export, when the contexts have ended, is
            /// made in any case.
            public var metricsInterval: Duration? = .seconds(10)
            /// How often to check the contexts. Problems are logged when they change. nil: never.
            public var healthInterval: Duration? = .seconds(10)
            /// The limits beyond which something is wrong.
            public var healthLimits = AIOHealth.Limits()
            /// How many of the operations that were cut off are logged for each context, one line each.
            public var maximumLogged = 16

            /// Makes a configuration with the defaults.
            public init() {}
        }

        /// The contexts that the service owns.
        public let contexts: [AIOContext]
        /// The configuration that the service was made with.
        public let configuration: Configuration
        /// Checks the contexts; a health check of your own can use it.
        public let monitor: AIOHealthMonitor
        /// Exports the contexts' statistics; call ``AIOMetrics/export()`` before a page of metrics is written.
        public let metrics: AIOMetrics
        let logger: Logger

        /// Makes a service that owns one context. The program should not shut the context down itself.
        ///
        /// - Parameters:
        ///   - context: the context to own.
        ///   - configuration: time limits and intervals.
        ///   - logger: for the life of the contexts and their problems; nil: nothing is logged.
        ///   - metrics: makes the metrics; nil for the factory that `MetricsSystem` was set up with.
        public init(
            _ context: AIOContext, configuration: Configuration = .init(), logger: Logger? = nil,
            metrics: (any MetricsFactory)? = nil
        ) {
            self.init([context], configuration: configuration, logger: logger, metrics: metrics)
        }

        /// Makes a service that owns several contexts, which end concurrently. The program should not shut them down itself.
        ///
        /// - Parameters:
        ///   - contexts: the contexts to own.
        ///   - configuration: time limits and intervals.
        ///   - logger: for the life of the contexts and their problems; nil: nothing is logged.
        ///   - metrics: makes the metrics; nil for the factory that `MetricsSystem` was set up with.
        public init(
            _ contexts: [AIOContext], configuration: Configuration = .init(), logger: Logger? = nil,
            metrics: (any MetricsFactory)? = nil
        ) {
            self.contexts = contexts
            self.configuration = configuration
            self.logger = logger ?? Logger(label: "aio") { _ in SwiftLogNoOpLogHandler() }
            monitor = AIOHealthMonitor(contexts, limits: configuration.healthLimits)
            self.metrics = AIOMetrics(contexts, factory: metrics)
        }

        /// Runs until a graceful shutdown or until the task is cancelled, and returns when the contexts are gone.
        ///
        /// - Throws: ``AIOError/Code/timedOut`` when the kernel kept operations for longer than
        ///   ``Configuration/cancelTimeout``, and nothing else: operations that were cut off are not an error.
        public func run() async throws {
            for context in contexts { logger.debug("AIO context in service", metadata: context.metadata) }
            defer { metrics.export() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await repeating(configuration.metricsInterval) { metrics.export() } }
                group.addTask { await watchHealth() }
                group.addTask { await watchBackends() }
                // gracefulShutdown() throws when the task was cancelled: then there is no time to drain.
                let isGraceful = (try? await gracefulShutdown()) != nil
                let result = await ContextsEnding(self).end(draining: isGraceful)
                group.cancelAll()
                try result.get()
            }
        }

        /// Warns of each context whose work blocking threads do, as the kernel refused. A context finds that out with its first
        /// operation, so that it is asked again.
        private func watchBackends() async {
            var warned: Set<Int> = []
            await repeating(configuration.healthInterval ?? .seconds(10)) {
                for (index, context) in contexts.enumerated() {
                    guard case .threads(let reason) = context.backend, warned.insert(index).inserted else { continue }
                    logger.warning(
                        "AIO runs on blocking threads",
                        metadata: context.metadata.merging(["reason": "\(reason)"]) { $1 })
                }
            }
        }

        /// Checks the contexts: see ``AIOHealthMonitor/check()``.
        public func health() -> AIOHealth { monitor.check() }

        /// Logs the problems when they have changed, and when there are none any more.
        private func watchHealth() async {
            var logged: Set<String> = []
            await repeating(configuration.healthInterval) {
                let health = monitor.check()
                // Compared by kind and context: ages and figures change with every check.
                let ids = Set(health.problems.map(\.id))
                guard ids != logged else { return }
                logged = ids
                for problem in health.problems { logger.warning("AIO is not healthy", metadata: problem.metadata) }
                if health.isHealthy { logger.notice("AIO is healthy again") }
            }
        }
    }

    extension AIOService: CustomStringConvertible {
        /// The name under which a `ServiceGroup` logs the service.
        public var description: String { "AIOService(\(contexts.map(\.configuration.name).joined(separator: ", ")))" }
    }

    /// Calls `body` on an interval until the task is cancelled; never if the interval is nil.
    private func repeating(_ interval: Duration?, _ body: () -> Void) async {
        guard let interval else { return }
        while !Task.isCancelled {
            body()
            do { try await Task.sleep(for: interval.clampedToLongestSleep) } catch { return }
        }
    }
#endif

#if Services
    public import AIO
    internal import Synchronization
    internal import SystemPackage

    /// Checks contexts for stuck operations, a high error rate and a long backlog, and the host for its limit of AIO
    /// events.
    ///
    /// A check costs some microseconds, and no I/O but reading two lines of /proc. Any number of tasks may make checks.
    public final class AIOHealthMonitor: Sendable {
        /// The limits beyond which something is wrong.
        public let limits: AIOHealth.Limits
        private let contexts: [AIOContext]
        private let windows: Mutex<[ErrorWindow]>
        private let systemLimits: @Sendable () -> (inUse: Int, maximum: Int)?

        /// Makes a monitor. Failures before this do not count.
        ///
        /// - Parameters:
        ///   - contexts: the contexts to check.
        ///   - limits: beyond which something is wrong.
        public convenience init(_ contexts: [AIOContext], limits: AIOHealth.Limits = .init()) {
            self.init(contexts, limits: limits, now: .now) {
                (try? AIOProcess.SystemLimits.current()).map { ($0.inUse, $0.maximum) }
            }
        }

        /// Makes a monitor with given limits of the host, for tests.
        init(
            _ contexts: [AIOContext], limits: AIOHealth.Limits, now: ContinuousClock.Instant,
            systemLimits: @escaping @Sendable () -> (inUse: Int, maximum: Int)?
        ) {
            self.contexts = contexts
            self.limits = limits
            self.systemLimits = systemLimits
            windows = Mutex(
                contexts.map {
                    ErrorWindow(length: limits.errorWindow, .init(now, $0.statistics, ignoring: limits.ignoredErrors))
                })
        }

        /// Checks the contexts and the host.
        ///
        /// - Returns: the problems at this moment.
        public func check() -> AIOHealth { check(at: .now) }

        func check(at now: ContinuousClock.Instant) -> AIOHealth {
            var problems: [AIOHealth.Problem] = []
            for (index, context) in contexts.enumerated() {
                let statistics = context.statistics
                problems += [
                    stuck(on: context), errorRate(of: context, index, statistics, now),
                    backlog(of: context, statistics),
                ].compactMap { $0 }
            }
            if let problem = systemLimit() { problems.append(problem) }
            return AIOHealth(problems)
        }

        private func stuck(on context: AIOContext) -> AIOHealth.Problem? {
            let stuck = context.oldestOperations(
                olderThan: limits.stuckAfter, maximum: max(1, limits.maximumNamed),
                includingReadiness: limits.includesReadiness)
            return stuck.isEmpty ? nil : .stuck(context: context.configuration.name, stuck)
        }

        private func errorRate(
            of context: AIOContext, _ index: Int, _ statistics: AIOStatistics, _ now: ContinuousClock.Instant
        ) -> AIOHealth.Problem? {
            let recent = windows.withLock {
                $0[index].advance(to: .init(now, statistics, ignoring: limits.ignoredErrors))
            }
            let failed = recent.failures.values.reduce(0, +)
            guard failed > 0, recent.completed >= limits.minimumCompleted,
                Double(failed) > limits.errorRate * Double(recent.completed)
            else { return nil }
            return .errorRate(
                context: context.configuration.name, failed: failed, completed: recent.completed,
                errors: recent.failures)
        }

        private func backlog(of context: AIOContext, _ statistics: AIOStatistics) -> AIOHealth.Problem? {
            let limit =
                limits.pending ?? context.configuration.permits.multipliedReportingOverflow(by: 16).partialValue
            guard statistics.pending > limit else { return nil }
            return .backlog(context: context.configuration.name, pending: statistics.pending, limit: limit)
        }

        private func systemLimit() -> AIOHealth.Problem? {
            guard let (inUse, maximum) = systemLimits(), Double(inUse) > limits.systemShare * Double(maximum) else {
                return nil
            }
            return .systemLimit(inUse: inUse, maximum: maximum)
        }
    }
#endif

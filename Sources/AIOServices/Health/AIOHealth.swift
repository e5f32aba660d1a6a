#if Services
    public import AIO
    public import SystemPackage

    /// The health of some contexts, as ``AIOHealthMonitor/check()`` found it.
    public struct AIOHealth: Sendable, Hashable {
        /// One thing that is wrong.
        public enum Problem: Sendable, Hashable {
            /// Operations of a context have been under way for longer than ``Limits/stuckAfter``. The oldest come
            /// first, ``Limits/maximumNamed`` at most.
            case stuck(context: String, [AIOLiveOperation])
            /// Too many operations failed: within ``Limits/errorWindow``, `failed` of `completed` operations, with
            /// these errors.
            case errorRate(context: String, failed: Int, completed: Int, errors: [Errno: Int])
            /// Too many operations are pending: more than `limit`.
            case backlog(context: String, pending: Int, limit: Int)
            /// `fs.aio-nr` is close to `fs.aio-max-nr`, beyond which no process of this host can make a context.
            case systemLimit(inUse: Int, maximum: Int)
        }

        /// The limits beyond which something is wrong.
        public struct Limits: Sendable {
            /// How long an operation may take before it counts as stuck.
            public var stuckAfter: Duration = .seconds(30)
            /// Whether waits for readiness can count as stuck too. They may rightly take any time.
            public var includesReadiness = false
            /// How many stuck operations of a context a report names at most; 1 and up.
            public var maximumNamed = 8
            /// The highest tolerated fraction of completed operations that failed: 0 … 1.
            public var errorRate = 0.05
            /// The lowest number of completed operations for which the error rate is judged.
            public var minimumCompleted = 20
            /// The period over which the error rate is measured.
            public var errorWindow: Duration = .seconds(60)
            /// Errors that do not count as failures, as they are not the device's.
            public var ignoredErrors: Set<Errno> = [
                .noSuchFileOrDirectory, .permissionDenied, .isDirectory, .notDirectory, .fileExists,
                .tooManySymbolicLinkLevels, .fileNameTooLong, .invalidArgument, .resourceTemporarilyUnavailable,
            ]
            /// The highest tolerated number of pending operations; nil: 16 times the context's permits,
            /// `queueDepth` of each loop.
            public var pending: Int?
            /// The highest tolerated fraction of `fs.aio-max-nr` in use: 0 … 1.
            public var systemShare = 0.9

            /// Makes limits with the defaults.
            public init() {}
        }

        /// The problems, context by context; those of the host come last.
        public let problems: [Problem]
        /// Whether there is no problem.
        public var isHealthy: Bool { problems.isEmpty }

        /// Makes a report of these problems.
        public init(_ problems: [Problem]) { self.problems = problems }
    }

    extension AIOHealth: CustomStringConvertible {
        /// "healthy", or a line for each problem.
        public var description: String {
            isHealthy ? "healthy" : problems.map(\.description).joined(separator: "\n")
        }
    }

    extension AIOHealth.Problem: CustomStringConvertible {
        /// A sentence that describes the problem, with its figures.
        public var description: String {
            switch self {
            case .stuck(let context, let operations):
                "context \(context): stuck: \(operations.map(\.description).joined(separator: "; "))"
            case .errorRate(let context, let failed, let completed, let errors):
                "context \(context): \(failed) of \(completed) operations failed: "
                    + errors.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
                    .map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
            case .backlog(let context, let pending, let limit):
                "context \(context): \(pending) operations wait, more than \(limit)"
            case .systemLimit(let inUse, let maximum):
                "\(inUse) of \(maximum) AIO events of this host are in use (fs.aio-nr, fs.aio-max-nr): "
                    + "raise fs.aio-max-nr with sysctl, or lower queueDepth"
            }
        }
    }
#endif

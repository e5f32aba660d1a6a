#if Services
    public import AIO
    public import SystemPackage

    /// How some contexts are: what ``AIOHealthMonitor/check()`` found.
    public struct AIOHealth: Sendable, Hashable {
        /// One thing that is wrong.
        public enum Problem: Sendable, Hashable {
            /// Operations of a context that have been under way for longer than ``Limits/stuckAfter``, the oldest first,
            /// ``Limits/maximumNamed`` at most.
            case stuck(context: String, [AIOLiveOperation])
            /// Of `completed` operations in the time that is looked at, `failed` failed, with these errors.
            case errorRate(context: String, failed: Int, completed: Int, errors: [Errno: Int])
            /// So many operations wait, which is more than `limit`.
            case backlog(context: String, pending: Int, limit: Int)
            /// `fs.aio-nr` is near `fs.aio-max-nr`: soon no process of this host can make a context.
            case systemLimit(inUse: Int, maximum: Int)
        }

        /// From where on something is wrong.
        public struct Limits: Sendable {
            /// An operation that takes longer is stuck.
            public var stuckAfter: Duration = .seconds(30)
            /// Whether a wait for readiness can be stuck too; waiting is its purpose.
            public var includesReadiness = false
            /// How many stuck operations of a context are named.
            public var maximumNamed = 8
            /// More failures than this, as a part of what completed, are too many: 0 … 1.
            public var errorRate = 0.05
            /// Fewer completed operations than this tell nothing of the rate.
            public var minimumCompleted = 20
            /// How far back failures count.
            public var errorWindow: Duration = .seconds(60)
            /// Errors that say nothing of the device: they do not count as failures.
            public var ignoredErrors: Set<Errno> = [
                .noSuchFileOrDirectory, .permissionDenied, .isDirectory, .notDirectory, .fileExists,
                .tooManySymbolicLinkLevels, .fileNameTooLong, .invalidArgument, .resourceTemporarilyUnavailable,
            ]
            /// More waiting operations than this are too many; nil: 16 times the context's `queueDepth`.
            public var pending: Int?
            /// More of `fs.aio-max-nr` in use than this part of it is too much: 0 … 1.
            public var systemShare = 0.9

            /// The defaults.
            public init() {}
        }

        /// What is wrong, context by context.
        public let problems: [Problem]
        /// Nothing is wrong.
        public var isHealthy: Bool { problems.isEmpty }

        /// A report of these problems.
        public init(_ problems: [Problem]) { self.problems = problems }
    }

    extension AIOHealth: CustomStringConvertible {
        /// "healthy", or a line for each problem.
        public var description: String {
            isHealthy ? "healthy" : problems.map(\.description).joined(separator: "\n")
        }
    }

    extension AIOHealth.Problem: CustomStringConvertible {
        /// A sentence: what is wrong, with the figures.
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

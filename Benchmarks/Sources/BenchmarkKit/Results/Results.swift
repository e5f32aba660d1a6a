/// Everything that one invocation measured: the content of the JSON file.
package struct Results: Codable, Sendable {
    package var machine: Machine
    /// Which plan was followed; nil when the workloads were named one by one.
    package var form: Plan.Form?
    package var rounds: Int
    package var secondsPerRun: Double
    package var seed: UInt64
    package var workloads: [WorkloadResult]
    package var memory: [MemoryFigures]
    /// Sentences that say what could not be measured, and why.
    package var notes: [String]

    package init(machine: Machine, form: Plan.Form? = nil, rounds: Int, secondsPerRun: Double, seed: UInt64) {
        self.machine = machine
        self.form = form
        self.rounds = rounds
        self.secondsPerRun = secondsPerRun
        self.seed = seed
        self.workloads = []
        self.memory = []
        self.notes = []
    }
}

package struct WorkloadResult: Codable, Sendable {
    package var id: String
    package var workload: Workload
    package var engines: [EngineResult]
    /// Chosen engines that could not take part, with the reason.
    package var absent: [String: String]

    package init(_ workload: Workload) {
        self.id = workload.id
        self.workload = workload
        self.engines = []
        self.absent = [:]
    }

    package func engine(_ id: String) -> EngineResult? { engines.first { $0.id == id } }
}

package struct EngineResult: Codable, Sendable {
    package var id: String
    package var title: String
    package var rounds: [RoundFigures]
    package var latency: LatencySummary?
    package var allocationsPerOperation: Double?
    package var systemCallsPerOperation: Double?

    package init(id: String, title: String) {
        self.id = id
        self.title = title
        self.rounds = []
    }

    package func spread(_ metric: RoundMetric) -> Spread? { Spread(rounds.compactMap { $0[metric] }) }
}

/// One run of one engine.
package struct RoundFigures: Codable, Sendable {
    package var operations: Int
    package var seconds: Double
    package var cpuSeconds: Double
    package var bytes: Int
    /// Nanoseconds.
    package var meanLatency: Double?

    package init(operations: Int, seconds: Double, cpuSeconds: Double, bytes: Int, meanLatency: Double?) {
        self.operations = operations
        self.seconds = seconds
        self.cpuSeconds = cpuSeconds
        self.bytes = bytes
        self.meanLatency = meanLatency
    }

    package subscript(metric: RoundMetric) -> Double? {
        guard operations > 0, seconds > 0 else { return nil }
        switch metric {
        case .operationsPerSecond: return Double(operations) / seconds
        case .bytesPerSecond: return Double(bytes) / seconds
        case .cpuPerOperation: return cpuSeconds * 1e6 / Double(operations)
        case .meanLatency: return meanLatency
        }
    }
}

/// The metrics of every round, which are compared round by round.
package enum RoundMetric: String, Codable, CaseIterable, Sendable {
    case operationsPerSecond
    case bytesPerSecond
    /// Microseconds.
    case cpuPerOperation
    /// Nanoseconds.
    case meanLatency

    package var moreIsBetter: Bool { self == .operationsPerSecond || self == .bytesPerSecond }
}

/// Memory held by operations that wait.
package struct MemoryFigures: Codable, Sendable {
    package var engine: String
    package var tasks: Int
    /// Operations that had not completed when the memory was read.
    package var outstanding: Int
    package var completed: Int
    /// Resident bytes per waiting operation beyond the same number of suspended tasks that each hold a buffer.
    package var bytesPerOperation: Double
    /// Resident bytes of one such task with its buffer.
    package var bytesPerTask: Double

    package init(
        engine: String, tasks: Int, outstanding: Int, completed: Int, bytesPerOperation: Double, bytesPerTask: Double
    ) {
        self.engine = engine
        self.tasks = tasks
        self.outstanding = outstanding
        self.completed = completed
        self.bytesPerOperation = bytesPerOperation
        self.bytesPerTask = bytesPerTask
    }
}

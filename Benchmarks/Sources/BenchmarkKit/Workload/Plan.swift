/// Which engines do which workloads, in which order.
package struct Plan: Sendable {
    package struct Entry: Equatable, Sendable {
        package var workload: Workload
        package var engines: [String]

        package init(_ workload: Workload, _ engines: [String]) {
            self.workload = workload
            self.engines = engines
        }
    }

    /// The plans that have a name.
    package enum Form: String, Codable, CaseIterable, Sendable {
        case short, full, streams, posix
    }

    package var entries: [Entry]

    package init(_ entries: [Entry]) { self.entries = entries }

    package var runsPerRound: Int { entries.reduce(0) { $0 + $1.engines.count } }

    /// Every combination of the given values.
    package init(
        patterns: [Workload.Pattern], blockSizes: [Int], depths: [Int], cachings: [Workload.Caching],
        targets: [Workload.Target], engines: [String]
    ) {
        entries = []
        for target in targets {
            for caching in cachings {
                // Pages of tmpfs cannot be dropped from memory.
                guard !(target == .tmpfs && caching == .cold) else { continue }
                for pattern in patterns {
                    for blockSize in blockSizes {
                        for depth in depths {
                            let workload = Workload(
                                pattern, blockSize: blockSize, depth: depth, caching: caching, target: target)
                            entries.append(Entry(workload, engines))
                        }
                    }
                }
            }
        }
    }

    /// What `make bench` runs: every row of the thresholds, in two minutes.
    package static let short = Plan(
        [
            Entry(Workload(.randread, depth: 1), ["c-single", "aio-executor", "aio-default", "pread"])
        ]
            + [8, 32, 128].map {
                Entry(
                    Workload(.randread, depth: $0),
                    ["c-batched", "c-single", "aio-executor", "aio-default"] + ($0 == 32 ? ["aio-count"] : [])
                        + ["pread", "dispatch", "fio"])
            }
            + [
                Entry(
                    Workload(.randwrite, depth: 32),
                    ["c-batched", "c-single", "aio-executor", "aio-default", "pread", "fio"]),
                Entry(
                    Workload(.read, blockSize: 128 << 10, depth: 8),
                    ["c-batched", "c-single", "aio-executor", "aio-chunks", "pread", "fio"]),
                Entry(
                    Workload(.write, blockSize: 128 << 10, depth: 8),
                    ["c-batched", "c-single", "aio-executor", "aio-writer", "pread", "fio"]),
                Entry(Workload(.read, blockSize: 128 << 10, depth: 4, caching: .hot), ["aio-chunks", "nio-chunks"]),
                Entry(Workload(.lines, blockSize: 128 << 10, depth: 4, caching: .hot), ["aio-lines", "bytes"]),
                Entry(
                    Workload(.randread, depth: 32, target: .tmpfs),
                    ["c-batched", "c-single", "aio-executor", "aio-ranges", "aio-loops2", "pread"]),
                Entry(
                    Workload(.randread, depth: 1, caching: .hot),
                    ["pread", "aio-executor", "aio-default", "nio", "dispatch"]),
                Entry(
                    Workload(.randread, depth: 32, caching: .hot),
                    ["c-batched", "aio-executor", "aio-default", "pread", "nio", "dispatch"]),
                Entry(
                    Workload(.randread, depth: 32, caching: .cold),
                    ["c-batched", "aio-executor", "aio-default", "pread", "nio", "dispatch", "fio"]),
            ])

    /// What `aio-bench --streams` runs: the sequential interfaces beside other ways of the same work. The depth is
    /// their default of chunks read ahead or in flight, and the same for fio and the C loop.
    package static let streams = Plan(
        [
            Entry(
                Workload(.read, blockSize: 128 << 10, depth: 4),
                ["c-batched", "c-single", "aio-chunks", "aio-chunks-default", "fio"]),
            Entry(
                Workload(.read, blockSize: 128 << 10, depth: 4, caching: .hot),
                ["pread", "aio-chunks", "aio-chunks-default", "nio-chunks"]),
            Entry(
                Workload(.read, blockSize: 16 << 10, depth: 4, caching: .hot), ["pread", "aio-chunks", "nio-chunks"]),
            Entry(
                Workload(.read, blockSize: 128 << 10, depth: 4, caching: .cold),
                ["pread", "aio-chunks", "aio-chunks-default", "nio-chunks"]),
            Entry(
                Workload(.lines, blockSize: 128 << 10, depth: 4, caching: .hot), ["aio-lines", "bytes", "nio-lines"]),
            Entry(
                Workload(.write, blockSize: 128 << 10, depth: 4), ["c-batched", "c-single", "aio-writer", "fio"]),
            Entry(Workload(.copy, blockSize: 1 << 20, depth: 8, caching: .cold), ["cp", "aio-copy"]),
            Entry(Workload(.copy, blockSize: 1 << 20, depth: 8, caching: .hot), ["cp", "aio-copy"]),
        ])

    /// What `aio-bench --posix` runs: fio on POSIX AIO, the C library's and libposixaio.so, beside its libaio engine.
    package static let posix = Plan(
        [1, 8, 32].map { Entry(Workload(.randread, depth: $0), posixEngines + ["fio"]) }
            + [1, 32].map { Entry(Workload(.randread, depth: $0, caching: .hot), posixEngines + ["fio"]) })
    /// These engines run in this part of the matrix only.
    private static let posixEngines = ["fio-posix", "fio-posixaio"]

    /// What `make bench-full` runs: the whole matrix, each engine wherever it can take part.
    package static func full(engines: [String]) -> Plan {
        let depths = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
        let few = [1, 8, 32, 128]
        let engines = engines.filter { !posixEngines.contains($0) }
        func all(
            _ patterns: [Workload.Pattern], _ blockSizes: [Int], _ depths: [Int], _ caching: Workload.Caching,
            _ target: Workload.Target
        ) -> [Entry] {
            Plan(
                patterns: patterns, blockSizes: blockSizes, depths: depths, cachings: [caching], targets: [target],
                engines: engines
            ).entries
        }
        return Plan(
            all([.randread], [4096], depths, .direct, .disk)
                + all([.randwrite, .randrw], [4096], few, .direct, .disk)
                + all([.randread], [16 << 10, 64 << 10], few, .direct, .disk)
                + all([.read, .write], [128 << 10, 1 << 20], [1, 8, 32], .direct, .disk)
                + all([.randread], [4096], few, .hot, .disk)
                + all([.randread], [4096], few, .cold, .disk)
                + all([.read, .write], [128 << 10], [1, 8], .hot, .disk)
                + all([.randread, .randwrite], [4096], few, .direct, .tmpfs)
        ).adding(streams).adding(posix)
    }

    /// Returns the plan with the workloads of another one, and with its engines.
    package func adding(_ other: Plan) -> Plan {
        var plan = self
        for entry in other.entries {
            if let index = plan.entries.firstIndex(where: { $0.workload == entry.workload }) {
                plan.entries[index].engines += entry.engines.filter { !plan.entries[index].engines.contains($0) }
            } else {
                plan.entries.append(entry)
            }
        }
        return plan
    }

    /// Returns the plan without the engines that are not made for a workload's pattern.
    package func keeping(_ isMade: (_ engine: String, _ pattern: Workload.Pattern) -> Bool) -> Plan {
        var plan = self
        for index in plan.entries.indices {
            let pattern = plan.entries[index].workload.pattern
            plan.entries[index].engines.removeAll { !isMade($0, pattern) }
        }
        plan.entries.removeAll { $0.engines.isEmpty }
        return plan
    }

    /// Returns the seconds that each run may take so that the whole plan stays within a budget.
    ///
    /// - Parameter overhead: Seconds that a run costs in addition: opening, dropping the page cache, starting fio.
    package func secondsPerRun(budget: Double, rounds: Int, overhead: Double = 0.06) -> Double {
        guard runsPerRound > 0, rounds > 0 else { return 0 }
        // One more round: the counting pass that goes before the timed ones takes about half of one.
        let perRun = budget / (Double(runsPerRound) * (Double(rounds) + 0.5))
        return min(3, max(0.1, perRun - overhead))
    }
}

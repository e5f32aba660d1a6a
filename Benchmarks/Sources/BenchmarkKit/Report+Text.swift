/// The results for a terminal: one table per workload.
package enum TextReport {
    package static func lines(_ results: Results) -> [String] {
        var lines = heading(results)
        for workload in results.workloads { lines += [""] + table(workload) }
        if !results.memory.isEmpty { lines += [""] + memory(results.memory) }
        if !results.notes.isEmpty { lines += [""] + results.notes.map { "note: \($0)" } }
        return lines
    }

    private static func heading(_ results: Results) -> [String] {
        let machine = results.machine
        return [
            "\(machine.processor), \(machine.processors) processors, \(machine.system)",
            "\(Format.bytes(machine.fileBytes)) file on \(machine.fileSystem); medians of \(results.rounds) interleaved "
                + "rounds, \(Format.number(results.secondsPerRun)) s for each engine in each",
        ]
    }

    package static func table(_ result: WorkloadResult) -> [String] {
        let baseline = Baseline.engine(of: result)
        var table = TextTable([
            "engine", "ops/s", "±", "ratio", "CPU µs/op", "ratio", "mean µs", "p50 µs", "p99 µs",
            "p99.9 µs", "MiB/s", "allocs/op", "calls/op",
        ])
        for engine in result.engines { table.append(row(engine, baseline)) }
        var lines = [result.workload.title] + table.lines
        for (id, reason) in result.absent.sorted(by: { $0.key < $1.key }) { lines.append("\(id): left out, \(reason)") }
        if let baseline, result.engines.count > 1 { lines.append("ratios: against \(baseline.title)") }
        return lines
    }

    private static func row(_ engine: EngineResult, _ baseline: EngineResult?) -> [String] {
        func ratio(_ metric: RoundMetric) -> String {
            baseline.flatMap { Ratio.median(engine, to: $0, metric) }.map(Format.ratio) ?? ""
        }
        func median(_ metric: RoundMetric, scale: Double = 1) -> String {
            engine.spread(metric).map { Format.number($0.median / scale) } ?? "n/a"
        }
        func latency(_ path: KeyPath<LatencySummary, Double>) -> String {
            engine.latency.map { Format.number($0[keyPath: path] / 1000) } ?? "n/a"
        }
        return [
            engine.title, median(.operationsPerSecond),
            engine.spread(.operationsPerSecond).map { Format.percent($0.relative) } ?? "",
            ratio(.operationsPerSecond), median(.cpuPerOperation), ratio(.cpuPerOperation), latency(\.mean),
            latency(\.p50), latency(\.p99), latency(\.p999), median(.bytesPerSecond, scale: 1_048_576),
            engine.allocationsPerOperation.map(Format.number) ?? "n/a",
            engine.systemCallsPerOperation.map(Format.number) ?? "n/a",
        ]
    }

    private static func memory(_ figures: [MemoryFigures]) -> [String] {
        var table = TextTable(["memory of waiting reads", "tasks", "waiting", "bytes each", "of task and buffer", "completed"])
        for row in figures {
            table.append([
                row.engine, Format.grouped(row.tasks), Format.grouped(row.outstanding),
                Format.number(row.bytesPerOperation), Format.number(row.bytesPerTask), Format.grouped(row.completed),
            ])
        }
        return table.lines
    }

    /// The verdict on each threshold; what fell short is named again at the end.
    package static func lines(_ check: Check) -> [String] {
        var table = TextTable(["", "threshold", "workload", "bound", "measured"], leading: 3)
        for row in check.rows {
            let (mark, measured) =
                switch row.verdict {
                case .met(let value): ("ok", number(value, row.threshold))
                case .missed(let value): ("SHORT", number(value, row.threshold))
                case .skipped(let reason): ("skipped", reason)
                case .unmeasured(let reason): ("MISSING", reason)
                }
            table.append([mark, row.threshold.name, row.workload ?? "", row.threshold.bound, measured])
        }
        let short = check.rows.filter(\.fails)
        guard !short.isEmpty else { return table.lines + ["every threshold that could be checked is met"] }
        return table.lines
            + ["\(short.count) of \(check.rows.count) fell short:"]
            + short.map { "  \($0.threshold.name)\($0.workload.map { " (\($0))" } ?? "")" }
    }

    private static func number(_ value: Double, _ threshold: Threshold) -> String {
        threshold.metric == .residentBytesPerOperation ? Format.number(value) : Format.ratio(value)
    }
}

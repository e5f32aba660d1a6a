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
        for engine in result.engines { table.append(FigureRow.cells(engine, baseline: baseline)) }
        var lines = [result.workload.title] + table.lines
        for (id, reason) in result.absent.sorted(by: { $0.key < $1.key }) { lines.append("\(id): left out, \(reason)") }
        if let baseline, result.engines.count > 1 { lines.append("ratios: against \(baseline.title)") }
        return lines
    }

    private static func memory(_ figures: [MemoryFigures]) -> [String] {
        var table = TextTable([
            "memory of waiting reads", "tasks", "waiting", "bytes each", "of task and buffer", "completed",
        ])
        for row in figures {
            table.append([
                row.engine, Format.grouped(row.tasks), Format.grouped(row.outstanding),
                Format.number(row.bytesPerOperation), Format.number(row.bytesPerTask), Format.grouped(row.completed),
            ])
        }
        return table.lines
    }

    /// The verdict on each threshold; those that fell short are repeated at the end.
    package static func lines(_ check: Check) -> [String] {
        var table = TextTable(["", "threshold", "workload", "bound", "measured"], leading: 3)
        for row in check.rows {
            let (mark, measured) =
                switch row.verdict {
                case .met(let value): ("ok", row.threshold.show(value))
                case .missed(let value): ("SHORT", row.threshold.show(value))
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
}

/// Results compared with the thresholds.
package struct Check: Sendable {
    package enum Verdict: Equatable, Sendable {
        case met(Double)
        case missed(Double)
        /// There is nothing on this machine to compare with: reported, but no failure of the library.
        case skipped(String)
        /// The library itself was not measured: a check that measured nothing has not passed.
        case unmeasured(String)
    }

    package struct Row: Sendable {
        package var threshold: Threshold
        package var workload: String?
        package var verdict: Verdict

        package var fails: Bool {
            switch verdict {
            case .missed, .unmeasured: true
            case .met, .skipped: false
            }
        }
    }

    package var rows: [Row]

    package var passed: Bool { !rows.contains { $0.fails } }

    package init(_ results: Results, _ thresholds: [Threshold]) {
        rows = thresholds.filter { $0.applies(to: results.form) }.flatMap { threshold -> [Row] in
            if threshold.metric == .residentBytesPerOperation {
                return [Row(threshold: threshold, workload: nil, verdict: Self.memory(threshold, results))]
            }
            return threshold.workloads.map {
                Row(threshold: threshold, workload: $0, verdict: Self.verdict(threshold, workload: $0, results))
            }
        }
    }

    private static func verdict(_ threshold: Threshold, workload: String, _ results: Results) -> Verdict {
        if let needed = threshold.processors, results.machine.processors < needed {
            return .skipped("needs \(needed) processors, there are \(results.machine.processors)")
        }
        guard let result = results.workloads.first(where: { $0.id == workload }) else {
            // The notes name a kind of file that the machine lacks.
            return .unmeasured("\(workload) was not run")
        }
        guard let subject = result.engine(threshold.engine) else {
            return .unmeasured("\(threshold.engine): \(result.absent[threshold.engine] ?? "was not run")")
        }
        guard let metric = threshold.metric.round else {
            guard let value = subject.allocationsPerOperation else {
                return .skipped("allocations cannot be counted here")
            }
            return threshold.holds(value) ? .met(value) : .missed(value)
        }
        let references = threshold.against.compactMap { result.engine($0) }
        guard let ratio = Ratio.hardest(subject, to: references, metric) else {
            let reasons = threshold.against.map { "\($0): \(result.absent[$0] ?? "was not run")" }
            return .skipped(reasons.joined(separator: "; "))
        }
        return threshold.holds(ratio) ? .met(ratio) : .missed(ratio)
    }

    private static func memory(_ threshold: Threshold, _ results: Results) -> Verdict {
        let matching = results.memory.first { $0.engine == threshold.engine && $0.tasks == threshold.tasks }
        guard let figures = matching else { return .unmeasured("memory of waiting operations was not measured") }
        guard figures.completed == figures.tasks else {
            return .unmeasured("\(figures.tasks - figures.completed) of \(figures.tasks) operations never completed")
        }
        return threshold.holds(figures.bytesPerOperation)
            ? .met(figures.bytesPerOperation) : .missed(figures.bytesPerOperation)
    }
}

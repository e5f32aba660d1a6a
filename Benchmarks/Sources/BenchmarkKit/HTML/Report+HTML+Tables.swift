/// Tables of the results.
enum HTMLTables {
    static func figures(_ result: WorkloadResult) -> String {
        let baseline = Baseline.engine(of: result)
        let head = [
            "engine", "ops/s", "±", "ratio", "CPU µs/op", "ratio", "mean µs", "p50 µs", "p99 µs", "p99.9 µs", "MiB/s",
            "allocations/op", "calls/op",
        ]
        let rows = HTMLCharts.ordered(result.engines).map { FigureRow.cells($0, baseline: baseline) }
        let absent = result.absent.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let notes =
            (baseline.map { ["baseline: \($0.title)"] } ?? [])
            + (absent.isEmpty ? [] : ["left out: " + absent.joined(separator: "; ")])
        return "<details><summary>All figures, depth \(result.workload.depth)</summary>" + table(head, rows)
            + "<p class=\"note\">\(HTML.escape(notes.joined(separator: ". ")))</p></details>"
    }

    static func memory(_ figures: [MemoryFigures]) -> String {
        let rows = figures.map {
            [
                $0.engine, Format.grouped($0.tasks), Format.grouped($0.outstanding),
                Format.number($0.bytesPerOperation),
                Format.number($0.bytesPerTask), Format.grouped($0.completed),
            ]
        }
        return "<section><h2>Memory of waiting reads</h2>"
            + table(["engine", "tasks", "waiting", "bytes each", "bytes of task and buffer", "completed"], rows)
            + "</section>"
    }

    static func thresholds(_ check: Check) -> String {
        let rows = check.rows.map { row in
            let (style, mark, measured) =
                switch row.verdict {
                case .met(let value): ("met", "✓ met", row.threshold.show(value))
                case .missed(let value): ("missed", "✗ short", row.threshold.show(value))
                case .skipped(let reason): ("skipped", "skipped", reason)
                case .unmeasured(let reason): ("missed", "✗ not measured", reason)
                }
            let cells = [
                ("text", row.threshold.name), ("id", row.workload ?? ""), ("id", row.threshold.bound),
                ("text", measured),
            ]
            return "<tr><td class=\"\(style)\">\(mark)</td>"
                + cells.map { "<td class=\"\($0.0)\">\(HTML.escape($0.1))</td>" }.joined() + "</tr>"
        }
        let head = ["", "threshold", "workload", "bound", "measured"].map { "<th class=\"text\">\($0)</th>" }.joined()
        return "<section><h2>Thresholds: \(check.passed ? "all met" : "\(check.rows.filter(\.fails).count) short")</h2>"
            + "<div class=\"scroll\"><table><thead><tr>\(head)</tr></thead><tbody>\(rows.joined())</tbody></table></div>"
            + "</section>"
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let header = head.map { "<th>\(HTML.escape($0))</th>" }.joined()
        let body = rows.map { "<tr>" + $0.map { "<td>\(HTML.escape($0))</td>" }.joined() + "</tr>" }.joined()
        return "<div class=\"scroll\"><table><thead><tr>\(header)</tr></thead><tbody>\(body)</tbody></table></div>"
    }
}

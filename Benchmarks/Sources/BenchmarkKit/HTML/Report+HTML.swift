import Foundation

/// One page that contains everything it shows: no script, no font, no image from elsewhere.
package enum HTMLReport {
    package static func page(_ results: Results, check: Check?) -> String {
        var body = header(results)
        if let check { body += HTMLTables.thresholds(check) }
        for group in groups(results) { body += section(group) }
        if !results.memory.isEmpty { body += HTMLTables.memory(results.memory) }
        body += footer(results)
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>aio-bench</title><style>\(HTMLStyle.sheet)\(Palette.styles)</style></head>
            <body><main>\(body)</main></body></html>

            """
    }

    private static func header(_ results: Results) -> String {
        let machine = results.machine
        let facts = [
            ("Processor", "\(machine.processor), \(machine.processors) processors"),
            ("Memory", Format.bytes(Int(machine.memoryBytes))),
            ("System", machine.system),
            ("File", "\(Format.bytes(machine.fileBytes)) on \(machine.fileSystem)"),
            ("Rounds", "\(results.rounds), interleaved; \(Format.number(results.secondsPerRun)) s per engine in each"),
            ("Date", machine.date.formatted(.iso8601)),
        ]
        let list = facts.map { "<div><dt>\($0.0)</dt><dd>\(HTML.escape($0.1))</dd></div>" }.joined()
        return "<header><h1>aio-bench</h1><p>File I/O engines side by side, on one file, in one run.</p>"
            + "<dl>\(list)</dl></header>"
    }

    /// Workloads that differ in depth alone, in the order in which they were run.
    private static func groups(_ results: Results) -> [(WorkloadGroup, [WorkloadResult])] {
        var order: [WorkloadGroup] = []
        var members: [WorkloadGroup: [WorkloadResult]] = [:]
        for result in results.workloads where !result.engines.isEmpty {
            let group = result.workload.group
            if members[group] == nil { order.append(group) }
            members[group, default: []].append(result)
        }
        return order.map { group in
            (group, (members[group] ?? []).sorted { $0.workload.depth < $1.workload.depth })
        }
    }

    private static func section(_ group: (WorkloadGroup, [WorkloadResult])) -> String {
        let (name, results) = group
        var html = "<section><h2>\(HTML.escape(name.title))</h2>"
        html += HTMLCharts.legend(results)
        html += "<div class=\"charts\">"
        if results.count > 1 {
            html += HTMLCharts.lines(results)
        } else if let only = results.first {
            html += HTMLCharts.bars(only)
        }
        for result in HTMLCharts.chosen(results) { html += HTMLCharts.percentiles(result) }
        html += "</div>"
        for result in results { html += HTMLTables.figures(result) }
        return html + "</section>"
    }

    private static func footer(_ results: Results) -> String {
        let notes = results.notes.map { "<li>\(HTML.escape($0))</li>" }.joined()
        return """
            <footer><h2>How to read this</h2><ul>
            <li>Every figure was measured in this run. Engines alternate, round after round; shown are medians, and \
            as thin lines the range from the lowest to the highest round.</li>
            <li>All engines do the same operations in the same order; fio draws its own, of the same shape.</li>
            <li>Latency runs from just before the operation is issued until the application has its result.</li>
            <li>CPU is user and system time of the whole process (of its job, for fio).</li>
            <li>Ratios are taken round by round against the baseline, then their median.</li>
            \(notes)</ul></footer>
            """
    }
}

/// Charts of the results.
enum HTMLCharts {
    static func legend(_ results: [WorkloadResult]) -> String {
        var titles: [String: String] = [:]
        for engine in results.flatMap(\.engines) { titles[engine.id] = engine.title }
        let items = titles.sorted { Palette.order($0.key) < Palette.order($1.key) }.map {
            "<li class=\"e-\($0.key)\">\(HTML.escape($0.value))</li>"
        }
        return "<ul class=\"legend\">\(items.joined())</ul>"
    }

    static func lines(_ results: [WorkloadResult]) -> String {
        LineChart(title: "Operations per second", unit: "operations/s", series: series(results, .operationsPerSecond))
            .html()
            + LineChart(title: "CPU per operation", unit: "µs", series: series(results, .cpuPerOperation)).html()
    }

    static func bars(_ result: WorkloadResult) -> String {
        BarChart(
            title: "Operations per second, depth \(result.workload.depth)", unit: "operations/s",
            bars: bars(result, .operationsPerSecond)
        ).html()
            + BarChart(
                title: "CPU per operation, depth \(result.workload.depth)", unit: "µs",
                bars: bars(result, .cpuPerOperation)
            ).html()
    }

    static func percentiles(_ result: WorkloadResult) -> String {
        let rows = ordered(result.engines).compactMap { engine in
            engine.latency.map { PercentileChart.Row(engine: engine.id, title: engine.title, latency: $0) }
        }
        guard !rows.isEmpty else { return "" }
        return PercentileChart(title: "Latency, depth \(result.workload.depth)", rows: rows).html()
    }

    /// Chooses four depths, which show as much as eleven: the ends, and two between them.
    static func chosen(_ results: [WorkloadResult]) -> [WorkloadResult] {
        guard results.count > 4 else { return results }
        let last = results.count - 1
        return [0, last / 3, 2 * last / 3, last].map { results[$0] }
    }

    static func ordered(_ engines: [EngineResult]) -> [EngineResult] {
        engines.sorted { Palette.order($0.id) < Palette.order($1.id) }
    }

    private static func series(_ results: [WorkloadResult], _ metric: RoundMetric) -> [LineChart.Series] {
        var series: [String: LineChart.Series] = [:]
        for result in results {
            for engine in result.engines {
                guard let spread = engine.spread(metric) else { continue }
                series[engine.id, default: .init(engine: engine.id, title: engine.title, points: [])].points.append(
                    LineChart.Point(depth: result.workload.depth, spread: spread))
            }
        }
        return series.values.sorted { Palette.order($0.engine) < Palette.order($1.engine) }
    }

    private static func bars(_ result: WorkloadResult, _ metric: RoundMetric) -> [BarChart.Bar] {
        let baseline = Baseline.engine(of: result)
        return ordered(result.engines).compactMap { engine in
            engine.spread(metric).map { spread in
                BarChart.Bar(
                    engine: engine.id, title: engine.title, spread: spread,
                    ratio: baseline.flatMap { Ratio.median(engine, to: $0, metric) })
            }
        }
    }
}

/// An engine's figures as text, for the table on the terminal and the one on the page.
enum FigureRow {
    static func cells(_ engine: EngineResult, baseline: EngineResult?) -> [String] {
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
}

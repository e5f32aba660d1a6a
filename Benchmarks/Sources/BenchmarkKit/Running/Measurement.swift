import CSupport

/// One timed run of one engine: the clock and the CPU counter read around it.
package struct Measurement: Sendable {
    package var figures: RoundFigures
    package var latencies: LatencyCollection
    /// The latency that the engine reports itself, for an engine without a recorder.
    package var ownLatency: LatencySummary?

    package init(_ session: any EngineSession, _ run: Run, blockSize: Int) async throws {
        run.latency.reset()
        let cpuBefore = bench_cpu_self()
        let before = bench_now()
        let tally = try await session.run(run)
        let elapsed = bench_now() - before
        let cpu = bench_cpu_self() - cpuBefore
        guard tally.operations > 0 else { throw EngineFailure("no operation completed") }
        latencies = LatencyCollection()
        run.latency.collect(into: &latencies)
        ownLatency = tally.latency
        figures = RoundFigures(
            operations: tally.operations,
            seconds: Double(tally.elapsedNanoseconds ?? elapsed) / 1e9,
            cpuSeconds: Double(tally.cpuNanoseconds ?? cpu) / 1e9,
            bytes: tally.bytes ?? tally.operations * blockSize,
            meanLatency: tally.latency?.mean
                ?? (latencies.sum > 0 ? Double(latencies.sum) / Double(tally.operations) : nil))
    }
}

import BenchmarkKit
import Foundation

/// Returns the result of an engine that performed the same number of operations in every round, in these times.
func engine(_ id: String, seconds: [Double], cpu: Double = 1, operations: Int = 1000) -> EngineResult {
    var result = EngineResult(id: id, title: "engine \(id)")
    result.rounds = seconds.map {
        RoundFigures(
            operations: operations, seconds: $0, cpuSeconds: cpu, bytes: operations * 4096, meanLatency: $0 * 1e6)
    }
    result.latency = LatencySummary(mean: 30_000, p50: 25_000, p99: 90_000, p999: 400_000)
    return result
}

func results(_ workload: Workload, _ engines: [EngineResult], absent: [String: String] = [:]) -> Results {
    var result = WorkloadResult(workload)
    result.engines = engines
    result.absent = absent
    var all = Results(machine: machine(), rounds: 3, secondsPerRun: 0.5, seed: 1)
    all.workloads = [result]
    return all
}

func machine(processors: Int = 2) -> Machine {
    var machine = Machine.current(fileSystemOf: "/", fileBytes: 1 << 30)
    machine.processors = processors
    machine.date = Date(timeIntervalSince1970: 1_700_000_000)
    return machine
}

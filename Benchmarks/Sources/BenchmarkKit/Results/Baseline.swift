/// What a workload's engines are compared with: the faster of the C loops, or the pool of pread threads without one.
package enum Baseline {
    package static func engine(of result: WorkloadResult) -> EngineResult? {
        let loops = result.engines.filter { $0.id.hasPrefix("c-") }
        func speed(_ engine: EngineResult) -> Double { engine.spread(.operationsPerSecond)?.median ?? 0 }
        return loops.max { speed($0) < speed($1) } ?? result.engine("pread")
    }
}

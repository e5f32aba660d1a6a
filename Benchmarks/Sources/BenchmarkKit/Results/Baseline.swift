/// The engine that a workload's engines are compared with: the faster of the C loops; without one, the pool of pread
/// threads, or an alternative to the library.
package enum Baseline {
    package static func engine(of result: WorkloadResult) -> EngineResult? {
        let loops = result.engines.filter { $0.id.hasPrefix("c-") }
        func speed(_ engine: EngineResult) -> Double { engine.spread(.operationsPerSecond)?.median ?? 0 }
        return loops.max { speed($0) < speed($1) }
            ?? ["pread", "cp", "bytes", "nio-chunks"].lazy.compactMap { result.engine($0) }.first
    }
}

import AIOBenchmarkEngines
import BenchmarkEngines
import BenchmarkKit

/// All engines.
enum Catalogue {
    static var engines: [any Engine] { referenceEngines() + libraryEngines() }

    /// Returns whether an engine is made for workloads of a pattern.
    static func isMade(_ engine: String, for pattern: Workload.Pattern) -> Bool {
        engines.contains { $0.id == engine && $0.patterns.contains(pattern) }
    }

    static var probes: [any MemoryProbe] { memoryProbes() }
}

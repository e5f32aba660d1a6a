import AIOBenchmarkEngines
import BenchmarkEngines
import BenchmarkKit

/// Every engine there is.
enum Catalogue {
    static var engines: [any Engine] { referenceEngines() + libraryEngines() }

    /// Whether an engine does workloads of a pattern at all.
    static func isMade(_ engine: String, for pattern: Workload.Pattern) -> Bool {
        engines.contains { $0.id == engine && $0.patterns.contains(pattern) }
    }

    static var probes: [any MemoryProbe] { memoryProbes() }
}

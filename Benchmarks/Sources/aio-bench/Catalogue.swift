import AIOBenchmarkEngines
import BenchmarkEngines
import BenchmarkKit

/// Every engine there is.
enum Catalogue {
    static var engines: [any Engine] { referenceEngines() + libraryEngines() }
    static var probes: [any MemoryProbe] { memoryProbes() }
}

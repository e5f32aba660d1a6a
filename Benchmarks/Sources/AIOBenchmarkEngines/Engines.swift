package import BenchmarkKit

/// The library, through its public API alone.
package func libraryEngines() -> [any Engine] {
    LibraryEngine.Mode.allCases.map { LibraryEngine($0) }
}

/// Memory of waiting operations.
package func memoryProbes() -> [any MemoryProbe] {
    [WaitingReads()]
}

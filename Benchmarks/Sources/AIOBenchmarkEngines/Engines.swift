package import BenchmarkKit

/// Returns the library's engines, which use its public API alone.
package func libraryEngines() -> [any Engine] {
    LibraryEngine.Mode.allCases.map { LibraryEngine($0) } as [any Engine]
        + [ChunksEngine(.executor), ChunksEngine(.default), LinesEngine(), WriterEngine(), CopyEngine()]
}

/// Returns the probes for the memory of waiting operations.
package func memoryProbes() -> [any MemoryProbe] {
    [WaitingReads()]
}

package import BenchmarkKit

/// The library, through its public API alone.
package func libraryEngines() -> [any Engine] {
    LibraryEngine.Mode.allCases.map { LibraryEngine($0) } as [any Engine]
        + [ChunksEngine(.executor), ChunksEngine(.default), LinesEngine(), WriterEngine(), CopyEngine()]
}

/// Memory of waiting operations.
package func memoryProbes() -> [any MemoryProbe] {
    [WaitingReads()]
}

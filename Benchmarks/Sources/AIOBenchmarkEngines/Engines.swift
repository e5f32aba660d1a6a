package import BenchmarkKit

/// The library, through its public API alone.
package func libraryEngines() -> [any Engine] {
    []
}

/// Memory of waiting operations, in each mode that has a bound.
package func memoryProbes() -> [any MemoryProbe] {
    []
}

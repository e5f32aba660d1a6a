/// Measures the resident memory of waiting operations. Each measurement gets a process of its own, whose heap no
/// earlier work has grown.
package protocol MemoryProbe: Sendable {
    /// The ID of the engine whose operations wait.
    var engine: String { get }
    func measure(tasks: Int, path: String, blockSize: Int) async throws -> MemoryFigures
}

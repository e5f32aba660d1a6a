/// One way to perform the operations: a loop, a pool, a library.
package protocol Engine: Sendable {
    /// The name used in thresholds and on the command line.
    var id: String { get }
    /// The name in tables and charts.
    var title: String { get }
    /// The patterns that it is made for; it is left out of all others silently.
    var patterns: Set<Workload.Pattern> { get }
    /// Returns why this engine cannot do the workload; nil when it can.
    func obstacle(to workload: Workload) -> String?
    /// Opens the file and sets up everything that must exist before the clock runs.
    func open(_ job: Job) async throws -> any EngineSession
}

extension Engine {
    package var patterns: Set<Workload.Pattern> { Workload.Pattern.ofBlocks }
}

package protocol EngineSession {
    /// Performs operations, as many at a time as the workload's depth, until the run is over, and waits for the last.
    func run(_ run: Run) async throws -> Tally
    func close() async throws
}

/// A workload on one file, which a session is opened for.
package struct Job: Sendable {
    package var workload: Workload
    package var path: String
    /// How many bytes of the file, from its start, the workload uses.
    package var span: Int
    package var seed: UInt64
    package var offsets: OffsetTable

    package init(workload: Workload, path: String, span: Int, seed: UInt64) {
        self.workload = workload
        self.path = path
        self.span = span
        self.seed = seed
        self.offsets = OffsetTable(workload, span: span, seed: seed)
    }
}

/// An engine's result for one run. The runner measures what is nil here.
package struct Tally: Sendable {
    package var operations: Int
    /// For operations that differ in size.
    package var bytes: Int?
    /// System calls, if the engine counts its own.
    package var systemCalls: Int?
    /// For engines that are processes of their own and measure their own time.
    package var elapsedNanoseconds: UInt64?
    package var cpuNanoseconds: UInt64?
    package var latency: LatencySummary?

    package init(operations: Int, bytes: Int? = nil, systemCalls: Int? = nil) {
        self.operations = operations
        self.bytes = bytes
        self.systemCalls = systemCalls
    }
}

/// The reason why an engine failed; the report has it in place of figures.
package struct EngineFailure: Error, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

import AIO
import BenchmarkKit
import SystemPackage

/// A context and a file on it, for the engines that go through a file from front to back.
struct StreamSession: EngineSession {
    let context: AIOContext
    let file: AIOFile
    let body: @Sendable (Run) async throws -> Tally

    /// - Parameter body: performs one run with the file.
    static func open(
        _ job: Job, _ body: @escaping @Sendable (AIOFile, Run) async throws -> Tally
    ) async throws -> StreamSession {
        let context = try AIOContext()
        do {
            let file = try await AIOFile.open(
                FilePath(job.path), job.workload.pattern.writes ? .readWrite : .readOnly,
                caching: job.workload.caching == .direct ? .direct : .buffered, on: context)
            return StreamSession(context: context, file: file) { try await body(file, $0) }
        } catch {
            try? await context.shutdown()
            throw error
        }
    }

    func run(_ run: Run) async throws -> Tally { try await body(run) }

    func close() async throws {
        try await file.close()
        try await context.shutdown()
    }
}

import AIO
package import BenchmarkKit
import CSupport

/// The library's chunks: as long as the workload's blocks, with as many reads ahead as its depth.
package struct ChunksEngine: Engine {
    package enum Mode: Sendable { case executor, `default` }

    private let mode: Mode

    package init(_ mode: Mode) { self.mode = mode }

    package var id: String { mode == .executor ? "aio-chunks" : "aio-chunks-default" }
    package var title: String { mode == .executor ? "AIO, chunks" : "AIO, chunks, default" }
    package var patterns: Set<Workload.Pattern> { [.read] }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        let mode = mode
        return try await StreamSession.open(job) { file, run in
            let executors: [any TaskExecutor] = mode == .executor ? [file.context.executor] : []
            return Tally(
                operations: try await Crew.run(1, on: executors) { _ in
                    try await Self.read(file, job, run)
                })
        }
    }

    /// The latency of a chunk is how long the loop waited for it.
    private static func read(_ file: AIOFile, _ job: Job, _ run: Run) async throws -> Int {
        let blockSize = job.workload.blockSize
        var done = 0
        var now = bench_now()
        var entry = run.take(at: now)
        while let first = entry {
            let chunks = file.chunks(
                in: first.offset..<Int64(job.span), chunkLength: blockSize, readAhead: job.workload.depth)
            for try await chunk in chunks {
                guard chunk.count == blockSize else {
                    throw EngineFailure("short chunk: \(chunk.count) of \(blockSize) bytes")
                }
                let end = bench_now()
                run.latency.record(end &- now)
                now = end
                done += 1
                entry = run.take(at: now)
                if entry == nil { break }
            }
        }
        return done
    }
}

import AIO
package import BenchmarkKit
import CSupport

/// The library's writer: chunks as long as the workload's blocks, as many in flight as its depth.
package struct WriterEngine: Engine {
    package init() {}

    package var id: String { "aio-writer" }
    package var title: String { "AIO, writer" }
    package var patterns: Set<Workload.Pattern> { [.write] }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        try await StreamSession.open(job) { file, run in
            let written = try await Crew.run(1, on: [file.context.executor]) { _ in try await Self.write(file, job, run)
            }
            return Tally(operations: written)
        }
    }

    /// The latency of a chunk is how long the loop waited until the writer accepted it. Every run ends with `finish`,
    /// so that all counted bytes are written.
    private static func write(_ file: AIOFile, _ job: Job, _ run: Run) async throws -> Int {
        let (blockSize, depth) = (job.workload.blockSize, job.workload.depth)
        let buffer = AIOBuffer(count: blockSize)
        var done = 0
        var now = bench_now()
        var entry = run.take(at: now)
        while let first = entry {
            let writer = file.writer(at: first.offset, chunkLength: blockSize, inFlight: depth)
            var end = first.offset
            while let next = entry, next.offset == end {
                try await writer.write(buffer)
                let after = bench_now()
                run.latency.record(after &- now)
                now = after
                end += Int64(blockSize)
                done += 1
                entry = run.take(at: now)
            }
            guard try await writer.finish() == end else { throw EngineFailure("the writer did not reach \(end)") }
        }
        return done
    }
}

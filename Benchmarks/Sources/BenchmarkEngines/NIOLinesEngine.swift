package import BenchmarkKit
import NIOCore
import _NIOFileSystem

/// Lines with NIO: `readChunks`, then `splitUTF8Lines`.
package struct NIOLinesEngine: Engine {
    package init() {}

    package var id: String { "nio-lines" }
    package var title: String { "NIO, UTF-8 lines" }
    package var patterns: Set<Workload.Pattern> { [.lines] }

    package func obstacle(to workload: Workload) -> String? {
        workload.caching == .direct ? "NIOFileSystem has no direct I/O" : nil
    }

    package func open(_ job: Job) async throws -> any EngineSession {
        try await NIOReadSession.open(job) { handle, run in
            var count = LineCount(run)
            while !count.isOver {
                let chunks = handle.readChunks(
                    in: 0..<Int64(job.span), chunkLength: .bytes(Int64(job.workload.blockSize)))
                for try await line in chunks.splitUTF8Lines(omittingEmptySubsequences: false) where count.add(line) {
                    break
                }
            }
            return count.tally
        }
    }
}

import AIO
package import BenchmarkKit
import CSupport

/// The library's lines, on the default executor.
package struct LinesEngine: Engine {
    package init() {}

    package var id: String { "aio-lines" }
    package var title: String { "AIO, lines" }
    package var patterns: Set<Workload.Pattern> { [.lines] }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        try await StreamSession.open(job) { file, run in
            var count = LineCount(run)
            while !count.isOver {
                for try await line in file.lines(in: 0..<Int64(job.span)) where count.add(line) { break }
            }
            return count.tally
        }
    }
}

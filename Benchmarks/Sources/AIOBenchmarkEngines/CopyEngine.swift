import AIO
package import BenchmarkKit
import SystemPackage

/// The library's `copyFile`, then `synchronize`.
package struct CopyEngine: Engine {
    package init() {}

    package var id: String { "aio-copy" }
    package var title: String { "AIO, copyFile" }
    package var patterns: Set<Workload.Pattern> { [.copy] }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        let copies = Copies(job)
        return try await StreamSession.open(job) { file, run in
            try await copies.make(run) { destination in
                let copied = try await copyFile(
                    from: FilePath(job.path), to: FilePath(destination), chunkLength: job.workload.blockSize,
                    inFlight: job.workload.depth, on: file.context)
                guard copied == job.span else { throw EngineFailure("copied \(copied) of \(job.span) bytes") }
                try await withAIOFile(FilePath(destination), .readWrite, on: file.context) {
                    try await $0.synchronize(.dataOnly)
                }
            }
        }
    }
}

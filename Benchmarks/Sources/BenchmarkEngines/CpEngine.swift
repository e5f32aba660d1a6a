package import BenchmarkKit
import CSupport
import Foundation

/// cp(1), then fdatasync(2).
package struct CpEngine: Engine {
    package init() {}

    package var id: String { "cp" }
    package var title: String { "cp" }
    package var patterns: Set<Workload.Pattern> { [.copy] }

    package func obstacle(to workload: Workload) -> String? {
        FileManager.default.isExecutableFile(atPath: Self.path) ? nil : "there is no \(Self.path)"
    }

    package func open(_ job: Job) async throws -> any EngineSession { CpSession(job: job, copies: Copies(job)) }

    fileprivate static let path = "/bin/cp"
}

private struct CpSession: EngineSession {
    let job: Job
    let copies: Copies

    func run(_ run: Run) async throws -> Tally {
        try await copies.make(run) { destination in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: CpEngine.path)
            process.arguments = [job.path, destination]
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw EngineFailure("cp ended with status \(process.terminationStatus)")
            }
            let result = bench_sync(destination)
            guard result == 0 else { throw EngineFailure("cannot sync the copy: \(TestFile.reason(result))") }
        }
    }

    func close() async throws {}
}

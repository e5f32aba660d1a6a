package import BenchmarkKit
import CLoop
import CSupport

/// A thread per operation in flight, each in pread(2) or pwrite(2). With one thread: the plain pread loop.
package struct PreadPoolEngine: Engine {
    package init() {}

    package var id: String { "pread" }
    package var title: String { "pread threads" }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        let descriptor = try job.openDescriptor()
        var pool: OpaquePointer?
        var raw = cloop_job(job, descriptor)
        let result = cpool_create(&raw, &pool)
        guard let pool else {
            _ = bench_close(descriptor)
            throw EngineFailure("cannot start \(job.workload.depth) threads: \(TestFile.reason(result))")
        }
        return PreadPoolSession(pool: pool, descriptor: descriptor, offsets: job.offsets)
    }
}

private struct PreadPoolSession: EngineSession {
    let pool: OpaquePointer
    let descriptor: Int32
    // Held here because the threads read it.
    let offsets: OffsetTable

    func run(_ run: Run) async throws -> Tally {
        var request = cloop_request(run)
        return try cpool_run(pool, &request).tally
    }

    func close() async throws {
        cpool_destroy(pool)
        _ = bench_close(descriptor)
    }
}

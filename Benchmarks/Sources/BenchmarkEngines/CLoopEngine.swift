package import BenchmarkKit
import CLoop
import CSupport

/// The limit: one thread on libaio, hand-written in C.
package struct CLoopEngine: Engine {
    package enum Submission: Sendable { case batched, single }

    private let submission: Submission

    package init(_ submission: Submission) { self.submission = submission }

    package var id: String { submission == .batched ? "c-batched" : "c-single" }
    package var title: String { submission == .batched ? "C loop, batched" : "C loop, one by one" }

    package func obstacle(to workload: Workload) -> String? { nil }

    package func open(_ job: Job) async throws -> any EngineSession {
        let descriptor = try job.openDescriptor()
        var loop: OpaquePointer?
        var raw = cloop_job(job, descriptor)
        let result = cloop_create(&raw, &loop)
        guard let loop else {
            _ = bench_close(descriptor)
            throw EngineFailure("cannot set up a context of \(job.workload.depth): \(TestFile.reason(result))")
        }
        return CLoopSession(submission: submission, loop: loop, descriptor: descriptor, offsets: job.offsets)
    }
}

private struct CLoopSession: EngineSession {
    let submission: CLoopEngine.Submission
    let loop: OpaquePointer
    let descriptor: Int32
    // Held here because the loop reads it.
    let offsets: OffsetTable

    func run(_ run: Run) async throws -> Tally {
        var request = cloop_request(run)
        switch submission {
        case .batched: return try cloop_run_batched(loop, &request).tally
        case .single: return try cloop_run_single(loop, &request).tally
        }
    }

    func close() async throws {
        cloop_destroy(loop)
        _ = bench_close(descriptor)
    }
}

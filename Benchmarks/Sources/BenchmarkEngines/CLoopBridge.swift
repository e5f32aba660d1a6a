import BenchmarkKit
import CLoop
import CSupport

extension Job {
    /// Opens the file for the workload: direct or not, for writing only if it writes.
    func openDescriptor() throws -> Int32 {
        let descriptor = bench_open(path, workload.pattern.writes, false, workload.caching == .direct)
        guard descriptor >= 0 else { throw EngineFailure("cannot open \(path): \(TestFile.reason(descriptor))") }
        return descriptor
    }
}

extension cloop_job {
    init(_ job: Job, _ descriptor: Int32) {
        self.init(
            descriptor: descriptor, block: UInt32(job.workload.blockSize), depth: UInt32(job.workload.depth),
            entries: job.offsets.entries, entry_count: UInt64(job.offsets.count))
    }
}

extension cloop_request {
    init(_ run: Run) {
        self.init(
            first: UInt64(run.first), limit: UInt64(run.limit), duration_ns: run.nanoseconds,
            latency: run.latency.pointer)
    }
}

extension cloop_outcome {
    var tally: Tally {
        get throws {
            guard error == 0 else { throw EngineFailure(TestFile.reason(error)) }
            return Tally(operations: Int(operations), systemCalls: Int(syscalls))
        }
    }
}

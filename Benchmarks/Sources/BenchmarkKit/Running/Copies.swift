import CSupport
import Glibc

/// Copies of the whole file, one after the other until the run is over: one at least.
package struct Copies: Sendable {
    private let job: Job
    private let destination: String

    package init(_ job: Job) {
        self.job = job
        destination = job.path + ".copy"
    }

    /// - Parameter copy: makes the copy at this path, where there is no file, and returns once its data is on the
    ///   device.
    package func make(_ run: Run, _ copy: (_ destination: String) async throws -> Void) async throws -> Tally {
        // The counting pass is shorter than any copy.
        guard run.nanoseconds >= 90_000_000 else { return Tally(operations: 0) }
        _ = bench_remove_on_signal(destination)
        defer {
            unlink(destination)
            bench_keep_on_signal(destination)
        }
        let blocks = job.span / job.workload.blockSize
        var tally = Tally(operations: 0)
        tally.elapsedNanoseconds = 0
        tally.cpuNanoseconds = 0
        while tally.operations < run.limit, tally.operations == 0 || bench_now() < run.deadline {
            // The release of the last copy's blocks is not part of this copy's time.
            unlink(destination)
            let (cpu, begin) = (Self.cpu, bench_now())
            try await copy(destination)
            tally.elapsedNanoseconds! += bench_now() - begin
            tally.cpuNanoseconds! += Self.cpu - cpu
            tally.operations += blocks
        }
        return tally
    }

    private static var cpu: UInt64 { bench_cpu_self() + bench_cpu_children() }
}

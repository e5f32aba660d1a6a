package import BenchmarkKit
import CSupport
package import Foundation

/// fio, where it is installed: a process of its own, which measures its own time.
package struct FioEngine: Engine {
    /// The interface that fio does its I/O with.
    package enum Kind: Sendable {
        case libaio
        /// POSIX AIO of the C library.
        case posix
        /// POSIX AIO by libposixaio.so, whose path is in the environment: scripts/bench builds it.
        case dropIn

        var ioengine: String { if case .libaio = self { "libaio" } else { "posixaio" } }
    }

    private let kind: Kind
    private let executable: String?
    private let library = ProcessInfo.processInfo.environment["AIO_BENCH_POSIXAIO"]

    package init(_ kind: Kind) {
        self.kind = kind
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        executable = path.split(separator: ":").map { "\($0)/fio" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    package var id: String {
        switch kind {
        case .libaio: "fio"
        case .posix: "fio-posix"
        case .dropIn: "fio-posixaio"
        }
    }

    package var title: String {
        switch kind {
        case .libaio: "fio, libaio"
        case .posix: "fio, POSIX AIO of libc"
        case .dropIn: "fio, libposixaio.so"
        }
    }

    package func obstacle(to workload: Workload) -> String? {
        if executable == nil { return "fio is not installed" }
        if case .dropIn = kind, library == nil { return "libposixaio.so is not built: scripts/bench --posix does" }
        return nil
    }

    package func open(_ job: Job) async throws -> any EngineSession {
        guard let executable else { throw EngineFailure("fio is not installed") }
        var preload: String?
        if case .dropIn = kind { preload = library }
        return FioSession(executable: executable, kind: kind, preload: preload, job: job)
    }
}

private struct FioSession: EngineSession {
    let executable: String
    let kind: FioEngine.Kind
    let preload: String?
    let job: Job

    func run(_ run: Run) async throws -> Tally {
        // In a shorter run fio's own start and end would dominate: the counting pass leaves fio out.
        guard run.nanoseconds >= 90_000_000 else { return Tally(operations: 0) }
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = FioArguments.make(
            job, ioengine: kind.ioengine, nanoseconds: run.nanoseconds, first: run.first)
        if let preload {
            process.environment = ProcessInfo.processInfo.environment.merging(["LD_PRELOAD": preload]) { $1 }
        }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        let cpuBefore = bench_cpu_children()
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw EngineFailure("fio ended with status \(process.terminationStatus)")
        }
        var tally = try FioReport.tally(text)
        // With POSIX AIO fio counts the CPU of the job's own thread alone. The CPU of the process has the threads
        // behind it too, with fio's start and end.
        if kind != .libaio { tally.cpuNanoseconds = bench_cpu_children() - cpuBefore }
        return tally
    }

    func close() async throws {}
}

package enum FioArguments {
    package static func make(_ job: Job, ioengine: String, nanoseconds: UInt64, first: Int) -> [String] {
        let workload = job.workload
        return [
            "--name=aio-bench", "--output-format=json", "--ioengine=\(ioengine)", "--allow_file_create=0",
            "--filename=\(job.path)", "--size=\(job.span)", "--rw=\(workload.pattern.rawValue)",
            "--bs=\(workload.blockSize)", "--iodepth=\(workload.depth)",
            "--direct=\(workload.caching == .direct ? 1 : 0)",
            // Otherwise fio would drop a hot file's pages; a cold file's are dropped before each engine's run already.
            "--invalidate=0",
            // fio draws its own offsets: random, each block once, as ours are, though not in the same order.
            "--randseed=\(job.seed &+ UInt64(first))", "--fallocate=none", "--lat_percentiles=1", "--time_based=1",
            "--runtime=\(max(1, nanoseconds / 1_000_000))ms",
        ]
    }
}

package enum FioReport {
    private struct Report: Decodable {
        struct Latency: Decodable {
            var mean: Double
            var percentile: [String: Double]?
        }
        struct Direction: Decodable {
            var totalIos: Int
            var runtime: Double
            var latNs: Latency
        }
        struct Job: Decodable {
            var error: Int
            var jobRuntime: Double
            var usrCpu: Double
            var sysCpu: Double
            var read: Direction
            var write: Direction
        }
        var jobs: [Job]
    }

    package static func tally(_ json: Data) throws -> Tally {
        // Warnings may stand before the report.
        let start = json.firstIndex(of: UInt8(ascii: "{")) ?? json.startIndex
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let job = try decoder.decode(Report.self, from: json[start...]).jobs.first else {
            throw EngineFailure("fio reported no job")
        }
        guard job.error == 0 else { throw EngineFailure("fio: \(TestFile.reason(Int32(-job.error)))") }
        var tally = Tally(operations: job.read.totalIos + job.write.totalIos)
        let milliseconds = max(job.read.runtime, job.write.runtime)
        tally.elapsedNanoseconds = UInt64(milliseconds * 1e6)
        // Of the job alone: the process's start would count against an engine that has nothing to do with it.
        tally.cpuNanoseconds = UInt64((job.usrCpu + job.sysCpu) / 100 * job.jobRuntime * 1e6)
        let directions = [job.read, job.write].filter { $0.totalIos > 0 }
        // With both directions there are two sets of percentiles, which cannot be added up.
        tally.latency = directions.count == 1 ? summary(directions[0].latNs) : nil
        return tally
    }

    private static func summary(_ latency: Report.Latency) -> LatencySummary? {
        guard let p50 = latency.percentile?["50.000000"], let p99 = latency.percentile?["99.000000"],
            let p999 = latency.percentile?["99.900000"]
        else { return nil }
        return LatencySummary(mean: latency.mean, p50: p50, p99: p99, p999: p999)
    }
}

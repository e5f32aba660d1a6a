import BenchmarkEngines
import BenchmarkKit
import Foundation
import Testing

@Suite struct FioReportTests {
    private func report(error: Int = 0, writes: Int = 0) -> Data {
        let direction = """
            {"total_ios": %d, "runtime": 500, "lat_ns": {"mean": 250000.5, \
            "percentile": {"50.000000": 200000, "99.000000": 900000, "99.900000": 1500000}}}
            """
        let read = String(format: direction, 40_000)
        let write = String(format: direction, writes)
        return Data(
            """
            fio: a warning
            {"fio version": "fio-3", "jobs": [{"error": \(error), "job_runtime": 500, "usr_cpu": 10.0, "sys_cpu": 30.0, \
            "read": \(read), "write": \(write)}]}
            """.utf8)
    }

    @Test func figuresAreTakenFromTheJob() throws {
        let tally = try FioReport.tally(report())
        #expect(tally.operations == 40_000)
        #expect(tally.elapsedNanoseconds == 500_000_000)
        #expect(tally.cpuNanoseconds == 200_000_000)
        #expect(tally.latency == LatencySummary(mean: 250_000.5, p50: 200_000, p99: 900_000, p999: 1_500_000))
    }

    @Test func percentilesOfTwoDirectionsAreNotAddedUp() throws {
        let tally = try FioReport.tally(report(writes: 10))
        #expect(tally.operations == 40_010)
        #expect(tally.latency == nil)
    }

    @Test func aFailedJobIsAFailure() {
        #expect(throws: EngineFailure.self) { try FioReport.tally(report(error: 5)) }
    }

    @Test func fioNeverMakesAFile() {
        let job = Job(workload: Workload(.randwrite, depth: 4), path: "/x", span: 1 << 20, seed: 1)
        let arguments = FioArguments.make(job, ioengine: "libaio", nanoseconds: 300_000_000, first: 0)
        #expect(arguments.contains("--allow_file_create=0"))
        #expect(arguments.contains("--size=1048576"))
        #expect(arguments.contains("--runtime=300ms"))
    }
}

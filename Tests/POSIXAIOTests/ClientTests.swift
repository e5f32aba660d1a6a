import TestSupport
import Testing

/// Runs programs that others wrote on the drop-in.
@Suite("Clients of POSIX AIO", .serialized)
struct ClientTests {
    @Test(
        "fio verifies what it wrote, in several processes", .timeLimit(.minutes(3)),
        .enabled(if: ToolRequirement.fio.isMet, "\(ToolRequirement.fio)"), arguments: [0, 1])
    func fio(_ direct: Int) async throws {
        let run = try await DropIn.run(
            [
                "fio", "--name=verify", "--ioengine=posixaio", "--rw=randrw", "--iodepth=16", "--bs=4k", "--size=8m",
                "--direct=\(direct)", "--numjobs=3", "--verify=crc32c", "--fsync=64",
            ], dropIn: true)
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.components(separatedBy: "err= 0").count == 4, "\(run.text)")
        // Its calls are bound to the drop-in, not to the C library.
        let bindings = try await DropIn.run(
            ["fio", "--name=one", "--ioengine=posixaio", "--size=64k", "--thread"], dropIn: true,
            environment: ["LD_DEBUG=bindings", "LD_BIND_NOW=1"])
        let lines = bindings.text.split(separator: "\n").filter {
            $0.contains("`aio_read") && $0.contains("normal symbol")
        }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("libposixaio.so") }, "\(lines)")
    }

    @Test(
        "stress-ng finds nothing wrong", .timeLimit(.minutes(3)),
        .enabled(if: ToolRequirement.stressNG.isMet, "\(ToolRequirement.stressNG)"))
    func stressNG() async throws {
        let run = try await DropIn.run(
            ["stress-ng", "--aio", "2", "--verify", "--aio-ops", "20000", "--metrics-brief"], dropIn: true)
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.contains("successful run"), "\(run.text)")
        // It is notified by signals.
        #expect(!run.text.contains(" 0.00 async I/O signals"), "\(run.text)")
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}

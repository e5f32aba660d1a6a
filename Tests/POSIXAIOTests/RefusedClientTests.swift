import Glibc
import SystemPackage
import TestSupport
import Testing

/// A program that worked with the C library works with the drop-in, whatever the host refuses.
@Suite(
    "Where the kernel refuses", .serialized, .enabled(if: Requirement.refusal.isMet, "\(Requirement.refusal)"),
    .timeLimit(.minutes(10)))
struct RefusedClientTests {
    /// All but `init`, which counts the threads that FIFOs occupy that are open for both ways: the kernel cannot poll those,
    /// epoll can, so that none is occupied.
    private static let programs = [
        "read", "write", "fsync", "suspend", "cancel", "listio", "notify", "streams", "process", "limit", "ranks",
    ]

    /// Each call by itself, and what the threads wait with where io_setup is refused.
    static let refusals = [
        "io_setup", "io_submit", "io_getevents", "io_cancel", "eventfd2", "io_setup,epoll_create1",
    ]

    static func list(_ calls: String, _ error: String) -> String {
        calls.split(separator: ",").map { "\($0):\(error)" }.joined(separator: ",")
    }

    @Test("a program's expectations hold", arguments: refusals, ["EPERM", "ENOSYS"])
    func expectationsHold(_ calls: String, _ error: String) async throws {
        let refuse = try DropIn.program(DropIn.test("refuse"), wide: false)
        for name in Self.programs {
            let program = try DropIn.program(DropIn.test(name), wide: false)
            let run = try await DropIn.run([refuse, Self.list(calls, error), program], dropIn: true)
            #expect(run.status == 0, "\(name): \(run.text)")
        }
    }

    @Test("with no event left in fs.aio-max-nr", .kernel)
    func expectationsHoldWithoutAnEvent() async throws {
        let useUp = try DropIn.program(DropIn.test("use-up"), wide: false)
        for name in ["read", "write", "fsync", "suspend", "listio"] {
            let program = try DropIn.program(DropIn.test(name), wide: false)
            let run = try await DropIn.run([useUp, program], dropIn: true)
            #expect(run.status == 0, "\(name): \(run.text)")
        }
    }

    @Test("three hundred processes at once", arguments: [false, true])
    func manyProcessesAtOnce(_ refused: Bool) async throws {
        let refuse = try DropIn.program(DropIn.test("refuse"), wide: false)
        let program = try DropIn.program(DropIn.test("processes"), wide: false)
        let command = refused ? [refuse, "io_setup:EPERM", program] : [program]
        let run = try await DropIn.run(command, dropIn: true)
        #expect(run.status == 0, "\(run.text)")
    }

    @Test("without a descriptor", arguments: [false, true])
    func withoutADescriptor(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.test("descriptors"), wide: false)
        let run = try await DropIn.run([program], dropIn: dropIn)
        #expect(run.status == 0, "\(run.text)")
    }

    // MARK: Programs that others wrote

    @Test(
        "fio verifies what it wrote", .enabled(if: ToolRequirement.fio.isMet, "\(ToolRequirement.fio)"),
        arguments: [0, 1])
    func fio(_ direct: Int) async throws {
        let refuse = try DropIn.program(DropIn.test("refuse"), wide: false)
        let run = try await DropIn.run(
            [
                refuse, "io_setup:EPERM", "fio", "--name=verify", "--ioengine=posixaio", "--rw=randrw", "--iodepth=16",
                "--bs=4k", "--size=8m", "--direct=\(direct)", "--numjobs=3", "--verify=crc32c", "--fsync=64",
            ], dropIn: true)
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.contains("err= 0") && !run.text.contains("err=E"), "\(run.text)")
    }

    @Test(
        "stress-ng finds nothing wrong",
        .enabled(if: ToolRequirement.stressNG.isMet, "\(ToolRequirement.stressNG)"))
    func stressNG() async throws {
        let refuse = try DropIn.program(DropIn.test("refuse"), wide: false)
        let run = try await DropIn.run(
            [
                refuse, "io_setup:EPERM", "stress-ng", "--aio", "2", "--verify", "--aio-ops", "10000",
                "--metrics-brief",
            ], dropIn: true)
        #expect(run.status == 0, "\(run.text)")
        #expect(run.text.contains("successful run"), "\(run.text)")
    }

    /// On any machine the drop-in's threads must not be a fraction of the C library's; `docs/posix-aio.md` has the figures.
    @Test(
        "fio is as fast as with the C library", .enabled(if: ToolRequirement.fio.isMet, "\(ToolRequirement.fio)"),
        arguments: [(1, 1), (1, 32), (0, 32)])
    func rate(_ direct: Int, _ depth: Int) async throws {
        let refuse = try DropIn.program(DropIn.test("refuse"), wide: false)
        let directory = try TemporaryDirectory.onDisk()
        func rate(dropIn: Bool) async throws -> Double {
            let run = try await DropIn.run(
                [
                    refuse, "io_setup:EPERM", "fio", "--name=rate", "--ioengine=posixaio", "--rw=randread", "--bs=4k",
                    "--size=32m", "--direct=\(direct)", "--iodepth=\(depth)", "--thread", "--time_based", "--runtime=1",
                    "--output-format=terse",
                ], dropIn: dropIn, in: directory)
            // Field 8 of the terse format: reads per second.
            let line = run.text.split(separator: "\n").first { $0.hasPrefix("3;") } ?? ""
            let fields = line.split(separator: ";", omittingEmptySubsequences: false)
            return fields.count > 8 ? Double(fields[7]) ?? 0 : 0
        }
        var ratios: [Double] = []
        for _ in 0..<3 {
            let ours = try await rate(dropIn: true)
            let theirs = try await rate(dropIn: false)
            try #require(theirs > 0)
            ratios.append(ours / theirs)
        }
        let median = ratios.sorted()[1]
        print("io_setup refused, direct \(direct), depth \(depth): \(median) times the C library's rate (of \(ratios))")
        #expect(median > 0.5)
    }
}

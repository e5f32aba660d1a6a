import Doctor
import SystemPackage
import Testing

@Suite("aio-doctor")
struct DoctorTests {
    @Test(
        "what io_setup refuses is BAD, and there is something to do about it",
        arguments: [
            (Errno.notPermitted, "seccomp profile"), (.noFunction, "CONFIG_AIO"),
            (.resourceTemporarilyUnavailable, "fs.aio-max-nr"),
        ])
    func diagnosesSetup(_ errno: Errno, _ advice: String) throws {
        var machine = Self.healthy
        machine.setup = .refused(errno)
        let finding = try #require(machine.findings.first { $0.subject == "io_setup" })
        #expect(finding.verdict == .bad)
        #expect(finding.advice?.contains(advice) == true)
    }

    @Test("a machine where all is well has nothing BAD, and a line for each thing")
    func diagnosesHealth() {
        let findings = Self.healthy.findings
        #expect(findings.allSatisfy { $0.verdict == .good }, "\(findings)")
        for subject in [
            "kernel", "io_setup", "completion ring", "IOCB_CMD_POLL", "IOCB_CMD_FSYNC", "AIO events of the host",
            "io_uring", "file system", "O_DIRECT", "NOWAIT reads", "NOWAIT overwrites", "synchronize",
        ] {
            #expect(findings.contains { $0.subject == subject }, "\(subject)")
        }
    }

    @Test("each thing that is missing is told, with what to do")
    func diagnosesOthers() throws {
        func finding(_ subject: String, _ change: (inout Observations) -> Void) throws -> Finding {
            var machine = Self.healthy
            change(&machine)
            return try #require(machine.findings.first { $0.subject == subject })
        }
        #expect(try finding("IOCB_CMD_POLL") { $0.poll = false }.verdict == .bad)
        #expect(try finding("IOCB_CMD_FSYNC") { $0.synchronize = false }.verdict == .bad)
        #expect(try finding("completion ring") { $0.ring = false }.verdict == .mediocre)
        #expect(try finding("AIO events of the host") { $0.events = (65500, 65536) }.verdict == .bad)
        #expect(try finding("AIO events of the host") { $0.events = (60000, 65536) }.verdict == .mediocre)
        // More in use than there may be: the maximum was lowered meanwhile.
        #expect(try finding("AIO events of the host") { $0.events = (10, 0) }.verdict == .bad)
        #expect(try finding("AIO events of the host") { $0.events = nil }.verdict == .mediocre)
        #expect(try finding("io_uring") { $0.uringAnswer = -1 }.found.contains("does not need it"))
        #expect(try finding("io_uring") { $0.uringAnswer = -38 }.found.contains("ENOSYS"))
        let direct = try finding("O_DIRECT") { $0.fileSystem?.direct = .refused(.invalidArgument) }
        #expect(direct.advice?.contains("caching: .buffered") == true)
        let noWait = try finding("NOWAIT reads") { $0.fileSystem?.noWaitReads = .refused(.notSupportedOnSocket) }
        #expect(noWait.advice?.contains("laneThreads") == true)
    }

    @Test("run on this machine it looks at all of it, and leaves no file behind")
    func runs() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            "mkdir d; \"$1\" d; echo $?; ls d; \"$1\" nothing > /dev/null; echo $?", [try Tool.built("aio-doctor")],
            in: scratch)
        for subject in [
            "kernel", "sandbox", "io_setup", "AIO events of the host", "io_uring", "file system", "O_DIRECT",
        ] {
            #expect(run.out.contains(subject), "\(run)")
        }
        #expect(run.out.hasSuffix("\n0\n0\n") || run.out.contains("BAD"), "\(run)")
    }

    private static var healthy: Observations {
        var machine = Observations()
        machine.kernelRelease = "6.12.0"
        machine.seccomp = 0
        machine.setup = .works
        (machine.ring, machine.poll, machine.synchronize) = (true, true, true)
        machine.uringAnswer = -14
        machine.events = (257, 65536)
        var files = Observations.FileSystem(path: "/data", type: "ext4")
        (files.direct, files.noWaitReads, files.noWaitWrites, files.synchronize) = (.works, .works, .works, .works)
        machine.fileSystem = files
        return machine
    }
}

import AIO
import Doctor
import Glibc
import SystemPackage
import Testing

@Suite("aio-doctor")
struct DoctorTests {
    @Test(
        "a refused io_setup is BAD, with advice",
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
        // And what becomes of contexts.
        let backend = try #require(machine.findings.first { $0.subject == "backend" })
        #expect((backend.verdict, backend.found) == (.mediocre, "blocking threads"))
        #expect(Self.healthy.findings.contains { $0.subject == "backend" } == false)
    }

    @Test("a healthy machine has nothing BAD, and a line for each feature")
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

    @Test("each missing feature is reported, with advice")
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
        // A default context takes 257.
        #expect(try finding("AIO events of the host") { $0.events = (65536 - 256, 65536) }.verdict == .bad)
        #expect(try finding("AIO events of the host") { $0.events = (65536 - 257, 65536) }.verdict == .mediocre)
        // More in use than there may be: the maximum was lowered meanwhile.
        #expect(try finding("AIO events of the host") { $0.events = (10, 0) }.verdict == .bad)
        #expect(try finding("AIO events of the host") { $0.events = nil }.verdict == .mediocre)
        #expect(try finding("io_uring") { $0.uringResult = -1 }.found.contains("does not need it"))
        #expect(try finding("io_uring") { $0.uringResult = -38 }.found.contains("ENOSYS"))
        let direct = try finding("O_DIRECT") { $0.fileSystem?.direct = .refused(.invalidArgument) }
        #expect(direct.advice?.contains("caching: .buffered") == true)
        let noWait = try finding("NOWAIT reads") { $0.fileSystem?.noWaitReads = .refused(.notSupportedOnSocket) }
        #expect(noWait.advice?.contains("blockingThreads") == true)
    }

    @Test("a missing path is BAD, and nothing is reported of its file system")
    func diagnosesPath() throws {
        var machine = Self.healthy
        machine.fileSystem = nil
        machine.unreachablePath = ("/gone", .noSuchFileOrDirectory)
        let finding = try #require(machine.findings.last)
        #expect(finding.verdict == .bad)
        #expect(finding.text.contains("/gone: No such file or directory\n      -> name a directory"))
    }

    @Test("without a context the report on the file system is the reason alone")
    func diagnosesWithoutContext() async throws {
        let files = try await Observations.FileSystem.at("/var/tmp") { () throws(AIOError) in
            throw AIOError(.systemLimit, operation: "io_setup", errno: .resourceTemporarilyUnavailable)
        }
        var machine = Self.healthy
        machine.fileSystem = files
        for subject in ["O_DIRECT", "NOWAIT reads", "NOWAIT overwrites", "synchronize"] {
            let finding = try #require(machine.findings.first { $0.subject == subject })
            #expect(finding.verdict == .mediocre)
            #expect(finding.found.contains("io_setup"), "\(finding)")
            #expect(finding.advice == nil)
        }
    }

    @Test("run where io_setup is forbidden, hidden or has no events left, it reports that, with advice")
    func runsForbidden() throws {
        let scratch = try Scratch()
        let tools = [try Tool.built("aio-doctor"), try Tool.built("forbidding")]
        for (errno, found, advice) in [
            (1, "forbidden by the sandbox", "in the seccomp profile"), (38, "ENOSYS: no kernel AIO", "CONFIG_AIO"),
            (11, "EAGAIN: the host's AIO events are used up", "sysctl -w fs.aio-max-nr="),
        ] {
            let run = try Tool.shell("mkdir -p d; \"$2\" io_setup \(errno) \"$1\" d; echo $?; ls d", tools, in: scratch)
            #expect(run.out.hasSuffix("\n1\n"), "\(run)")
            let lines = run.out.split(separator: "\n")
            let bad = try #require(lines.firstIndex { $0.hasPrefix("BAD   io_setup") }, "\(run)")
            #expect(lines[bad].contains(found) && lines[bad + 1].contains(advice), "\(run)")
            #expect(lines.contains { $0.contains("seccomp mode 2") }, "\(run)")
            #expect(lines.contains { $0.hasPrefix("note  O_DIRECT") && $0.contains("needs kernel AIO") }, "\(run)")
        }
    }

    @Test("run where io_uring is forbidden or hidden, it reports that as ok")
    func runsWithoutUring() throws {
        let scratch = try Scratch()
        let tools = [try Tool.built("aio-doctor"), try Tool.built("forbidding")]
        for (errno, found) in [(1, "forbidden by sandbox or sysctl"), (38, "ENOSYS: not in this kernel, or hidden")] {
            let run = try Tool.shell("\"$2\" io_uring_setup \(errno) \"$1\" . | grep '  io_uring'", tools, in: scratch)
            #expect(run.out.hasPrefix("ok    io_uring              \(found)"), "\(run)")
        }
    }

    @Test("its observations are those of the library")
    func seesTheSame() async throws {
        let scratch = try Scratch()
        let machine = await Observations.ofThisMachine(nil)
        let events = try #require(machine.events)
        #expect(events.maximum == (try AIOProcess.SystemLimits.current().maximum))
        #expect(events.inUse < events.maximum)
        #expect(machine.fileSystem == nil && machine.unreachablePath == nil)
        // A file system in memory refuses NOWAIT or supports it; on a disk the result may also be that it would block.
        for (directory, isMemory) in [(scratch.path, false), ("/dev/shm", true)] {
            let found = try await Observations.FileSystem.at(FilePath(directory)) { () throws(AIOError) in
                var configuration = AIOContext.Configuration()
                configuration.prepares = true
                return try AIOContext(configuration)
            }
            guard found.direct == .works else { continue }
            let path = FilePath(directory).appending("aio-tools-test-\(getpid())")
            defer { unlink(path.string) }
            try await withAIOFile(path, .readWrite, options: .create, permissions: .ownerReadWrite, caching: .direct) {
                file async throws in
                #expect(found.alignment == file.alignment)
                try await file.writeAll(AIOBuffer(count: 1 << 16), at: 0)
                guard isMemory else { return }
                do {
                    _ = try await file.write(AIOBuffer(count: 1 << 16), at: 0, options: .noWait)
                    #expect(found.noWaitWrites == .works)
                } catch {
                    #expect(found.noWaitWrites == .refused(try #require((error as? AIOError)?.errno)))
                }
            }
        }
    }

    @Test("run on a path that is not a file on a disk, it opens nothing and does not block")
    func runsOnOthers() throws {
        let scratch = try Scratch()
        let script = """
            mkfifo fifo; echo x > file
            for path in nothing file/below; do timeout 60 "$1" $path | grep 'BAD   file system'; done
            for path in fifo /dev/null; do timeout 60 "$1" $path | grep O_DIRECT; done
            timeout 60 "$1" /proc | grep -E 'file system|O_DIRECT'; timeout 60 "$1" file | grep synchronize; cat file
            """
        let run = try Tool.shell(script, [try Tool.built("aio-doctor")], in: scratch)
        let expected = [
            "BAD   file system           nothing: No such file or directory",
            "BAD   file system           file/below: Not a directory",
            "note  O_DIRECT              not known: fifo is no file of a disk",
            "note  O_DIRECT              not known: /dev/null is no file of a disk",
            "ok    file system           proc at /proc", "note  O_DIRECT              not known: no file can be made",
            "note  synchronize           not known: file is not written to", "x",
        ]
        let lines = run.out.split(separator: "\n")
        #expect(lines.count == expected.count, "\(run)")
        for (line, beginning) in zip(lines, expected) { #expect(line.hasPrefix(beginning)) }
    }

    @Test("run on this machine it examines every feature, and leaves no file behind")
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
        // A missing path is BAD.
        #expect(run.out.hasSuffix("\n0\n1\n") || run.out.contains("BAD"), "\(run)")
    }

    private static var healthy: Observations {
        var machine = Observations()
        machine.kernelRelease = "6.12.0"
        machine.seccomp = 0
        machine.setup = .works
        (machine.ring, machine.poll, machine.synchronize) = (true, true, true)
        machine.uringResult = -14
        machine.events = (257, 65536)
        var files = Observations.FileSystem(path: "/data", type: "ext4")
        (files.direct, files.noWaitReads, files.noWaitWrites, files.synchronize) = (.works, .works, .works, .works)
        machine.fileSystem = files
        return machine
    }
}

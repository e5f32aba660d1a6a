import Glibc
import SystemPackage
import TestSupport
import Testing

/// Runs the example program of aio(7): the C one with both libraries, and the Swift one.
@Suite("Examples/Classic", .serialized)
struct ClassicExampleTests {
    @Test(
        "the program in C reads the named files and is notified by signals", .timeLimit(.minutes(4)),
        arguments: [false, true])
    func programInCReads(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.root.appending("Examples/Classic/C/classic.c"), wide: false)
        try await check([program], dropIn: dropIn)
    }

    @Test("the program in Swift does the same", .timeLimit(.minutes(4)))
    func programInSwiftReads() async throws {
        let program = FilePath(try #require(realPath("/proc/self/exe"))).removingLastComponent().appending("Classic")
        try await check([program.string], dropIn: true)
    }

    /// Runs the program on files, then on /dev/stdin twice: those reads wait until SIGQUIT, or with the C library until
    /// there is input.
    private func check(_ program: [String], dropIn: Bool) async throws {
        let whole = try await DropIn.run(program + ["/etc/passwd", "/dev/null"], dropIn: dropIn)
        #expect(whole.status == 0, "\(whole.text)")
        for line in [
            "/etc/passwd: 20 bytes", "/dev/null: 0 bytes", "I/O completion signal", "All I/O requests completed",
        ] {
            #expect(whole.text.contains(line), "'\(line)' is missing:\n\(whole.text)")
        }
        // SIGQUIT when both reads are queued. After the first "notCancelled" there is input for both: either read takes
        // the first bytes, and the program does not cancel a completed one, so there may be no second line.
        let script = """
            mkfifo in out; exec 3<>in
            "$@" /dev/stdin /dev/stdin <&3 >out & pid=$!
            n=0 fed=
            while read -r line; do
                echo "$line"
                case "$line" in
                    *opened*) n=$((n+1)); [ $n = 2 ] && kill -QUIT $pid;;
                    *otCancelled) [ "$fed" ] || printf "%040d" 0 >&3; fed=1;;
                esac
            done <out
            wait $pid
            """
        let cancelled = try await DropIn.run(["sh", "-c", script, "sh"] + program, dropIn: dropIn)
        #expect(cancelled.status == 0, "\(cancelled.text)")
        // The C library's threads are in read(2), and stay there.
        let outcomes = dropIn ? ["/dev/stdin: cancelled"] : ["/dev/stdin: notCancelled", "/dev/stdin: 20 bytes"]
        for line in ["SIGQUIT: cancelling"] + outcomes {
            #expect(cancelled.text.contains(line), "'\(line)' is missing:\n\(cancelled.text)")
        }
    }

    private func realPath(_ path: String) -> String? {
        realpath(path, nil).map { resolved in
            defer { free(resolved) }
            return String(cString: resolved)
        }
    }
}

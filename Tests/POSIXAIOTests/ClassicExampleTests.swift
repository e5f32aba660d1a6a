import Glibc
import SystemPackage
import TestSupport
import Testing

/// The program of aio(7), in C with both libraries.
@Suite("Examples/Classic", .serialized)
struct ClassicExampleTests {
    @Test("in C, it reads what is named and is told by signal", .timeLimit(.minutes(4)), arguments: [false, true])
    func inC(_ dropIn: Bool) async throws {
        let program = try DropIn.program(DropIn.root.appending("Examples/Classic/C/classic.c"), wide: false)
        try await check([program], dropIn: dropIn)
    }

    @Test("in Swift, it does the same", .timeLimit(.minutes(4)))
    func inSwift() async throws {
        let program = FilePath(try #require(realPath("/proc/self/exe"))).removingLastComponent().appending("Classic")
        try await check([program.string], dropIn: true)
    }

    /// /dev/stdin twice: both wait until SIGQUIT, or with the C library until there is input.
    private func check(_ program: [String], dropIn: Bool) async throws {
        let whole = try await DropIn.run(program + ["/etc/passwd", "/dev/null"], dropIn: dropIn)
        #expect(whole.status == 0, "\(whole.text)")
        for line in [
            "/etc/passwd: 20 bytes", "/dev/null: 0 bytes", "I/O completion signal", "All I/O requests have ended",
        ] {
            #expect(whole.text.contains(line), "'\(line)' is missing:\n\(whole.text)")
        }
        // SIGQUIT when both reads are queued. The first to be kept gets input for both at once: either read takes the
        // first bytes, and one that has ended is not asked to cancel any more, so there may be no second answer.
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
        // The C library's threads are inside read(2), and stay there.
        let answers = dropIn ? ["/dev/stdin: cancelled"] : ["/dev/stdin: notCancelled", "/dev/stdin: 20 bytes"]
        for line in ["SIGQUIT: cancelling"] + answers {
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

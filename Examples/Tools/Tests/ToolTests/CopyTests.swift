import CopyProgress
import Testing

@Suite("aio-cp")
struct CopyTests {
    @Test("copies bytes, holes and mode, into a directory too")
    func copies() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            """
            head -c 5000000 /dev/urandom > a; truncate -s 50M a; chmod 751 a; mkdir d; : > e
            "$1" -v a b && "$1" --progress a d && "$1" e f
            cmp a b && cmp a d/a && cmp e f && stat -c %a b && [ $(stat -c %b b) -lt 20000 ] && echo sparse
            """, [try Tool.built("aio-cp")], in: scratch)
        #expect(run.status == 0, "\(run)")
        #expect(run.out.hasPrefix("a -> b: 50.0 MiB, "), "\(run)")
        #expect(run.out.hasSuffix("751\nsparse\n"), "\(run)")
        // Only the second one draws, as standard error is a file.
        #expect(run.err.contains("100 %  50.0 MiB of 50.0 MiB"), "\(run)")
        #expect(run.err.filter { $0 == "\n" }.count == 1, "\(run)")
    }

    @Test("the bar is not drawn for each chunk, but no more often than it can be read")
    func drawsNowAndThen() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            """
            head -c 20000000 /dev/zero | tr '\\0' x > a; begin=$(date +%s%N)
            "$1" --progress --chunk 4096 a b; echo $((($(date +%s%N) - begin) / 50000000))
            """, [try Tool.built("aio-cp")], in: scratch)
        let intervals = try #require(Int(run.out.dropLast()))
        // Of 4,883 chunks: the first, the last, and one in each 50 ms.
        #expect((1...intervals + 3).contains(run.err.count { $0 == "\r" }), "\(run.out)")
    }

    @Test("a source that cannot be copied is reported, and leaves nothing behind")
    func refuses() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            "\"$1\" nothing b; echo $?; echo x > a; \"$1\" a a; echo $?; cat a; \"$1\" / b; echo $?; ls",
            [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out == "1\n1\nx\n1\na\n", "\(run)")
        #expect(run.err.contains("aio-cp: open of nothing: not found"), "\(run)")
    }

    @Test("without copy_file_range(2) it reads and writes", arguments: [1, 38])
    func copiesInASandbox(errno: Int) throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            "head -c 3000000 /dev/urandom > a; \"$2\" copy_file_range \(errno) \"$1\" a b; echo $?; cmp a b && echo same",
            [try Tool.built("aio-cp"), try Tool.built("forbidding")], in: scratch)
        #expect(run.out == "0\nsame\n", "\(run)")
    }

    @Test("Ctrl-C or SIGTERM in mid-copy removes the partial copy", arguments: ["INT", "TERM"])
    func isInterrupted(_ signal: String) throws {
        let scratch = try Scratch()
        // The bar goes to a pipe that is full: the copy waits for it after the first chunk, however late the signal is.
        let run = try Tool.shell(
            """
            head -c 300000000 /dev/zero > a; mkfifo bar; exec 3<> bar
            LC_ALL=C dd if=/dev/zero of=bar bs=4096 oflag=nonblock 2> full; grep -q 'temporarily unavailable' full || exit 9
            "$1" --progress --chunk 4096 --in-flight 1 a b 2>&3 & pid=$!
            while [ ! -s b ]; do kill -0 $pid || exit 9; done
            kill -\(signal) $pid
            cat bar > drawn & cat=$!
            wait $pid; echo $?; kill $cat; rm bar full drawn; ls
            """, [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out == "130\na\n", "\(run)")
    }

    @Test(
        "the bar is drawn on a terminal, unless --no-progress is given",
        .enabled(if: Tool.hasTerminals, "needs script(1)"))
    func drawsOnTerminals() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            """
            head -c 5000000 /dev/zero > a; export TOOL="$1"
            timeout 60 script -qec '"$TOOL" a b' /dev/null; echo; echo "rc $?"
            timeout 60 script -qec '"$TOOL" --no-progress a c' /dev/null; echo "rc $?"
            "$1" a d; cmp a b && cmp a c && cmp a d && echo same
            """, [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out.contains("#] 100 %  4.8 MiB of 4.8 MiB"), "\(run)")
        #expect(run.out.hasSuffix("rc 0\nrc 0\nsame\n"), "\(run)")
        // No bar of the other two.
        #expect(run.out.split(separator: "100 %").count == 2, "\(run)")
        #expect(run.err.isEmpty, "\(run)")
    }

    @Test("each failure is reported with the file that it concerns")
    func reportsFailures() throws {
        let scratch = try Scratch()
        let script = """
            echo x > a; mkfifo fifo; mkdir d
            for words in "a missing/" "fifo b" "d b" "a fifo" "a /dev/null" "a d/../a" "--chunk 0 a b" "--in-flight 0 a b"; do
                timeout 60 "$1" $words; echo $?
            done
            "$1" a b <&- >&- 2>&-; echo $?; "$1" nothing c <&- >&- 2>&-; echo $?
            cat a b; rm fifo; ls -R
            """
        let run = try Tool.shell(script, [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out == "1\n1\n1\n1\n1\n1\n1\n1\n0\n1\nx\nx\n.:\na\nb\nd\n\n./d:\n", "\(run)")
        let lines = run.err.split(separator: "\n").map { $0.dropFirst("aio-cp: ".count) }
        let beginnings = [
            "missing/ is no directory", "copy of fifo: not supported: only regular", "copy of d: is a directory",
            "open of fifo: not supported: only regular", "open of /dev/null: not supported: only regular",
            "open of d/../a: invalid argument: source and destination are the same",
            "copy of a: invalid argument: chunkLength is 0", "copy of a: invalid argument: inFlight is 0",
        ]
        #expect(lines.count == beginnings.count, "\(run)")
        for (line, beginning) in zip(lines, beginnings) { #expect(line.hasPrefix(beginning)) }
    }

    @Test(
        "a full disk is reported with the bytes copied so far, and no partial copy stays",
        .enabled(if: canMount, "needs mount(2)"))
    func fillsDisk() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            """
            mkdir disk; mount -t tmpfs -o size=1m none disk && trap 'umount disk' EXIT || exit 9
            head -c 5000000 /dev/zero | tr '\\0' x > a
            "$1" --in-flight 1 --chunk 65536 a disk; echo $?; ls disk
            """, [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out == "1\n", "\(run)")
        #expect(run.err.contains("no space left") && run.err.contains("of 5000000 bytes had been copied"), "\(run)")
    }

    @Test("the bar fits its line, whatever the figures are")
    func drawsBar() {
        #expect(
            ProgressBar(total: 100 << 20, width: 80).line(done: 50 << 20, seconds: 2)
                == "[#############.............]  50 %  50.0 MiB of 100.0 MiB  25.0 MiB/s  0:02 left")
        for width in [0, 1, 10, 40, 80, 200] {
            for (done, total) in [(0, 0), (1, 0), (-1, 5), (7, 5), (Int64.max, Int64.max), (1, Int64.max)]
                as [(Int64, Int64)]
            {
                for seconds in [0, 1e-9, 1, 1e12, .infinity, .nan] {
                    #expect(ProgressBar(total: total, width: width).line(done: done, seconds: seconds).count <= width)
                }
            }
        }
        #expect(ProgressBar.size(1023) == "1023 B")
        #expect(ProgressBar.size((1 << 20) - 1) == "1.0 MiB")
        #expect(ProgressBar.size(Double.nan) == "0 B")
    }
}

private let canMount: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return (try? Tool.shell("mkdir d && mount -t tmpfs none d && umount d", in: scratch))?.status == 0
}()

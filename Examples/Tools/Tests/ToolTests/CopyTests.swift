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
        // Only the second one was to draw, as standard error is a file.
        #expect(run.err.contains("100 %  50.0 MiB of 50.0 MiB"), "\(run)")
        #expect(run.err.filter { $0 == "\n" }.count == 1, "\(run)")
    }

    @Test("what cannot be copied is told, and leaves nothing behind")
    func refuses() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            "\"$1\" nothing b; echo $?; echo x > a; \"$1\" a a; echo $?; cat a; \"$1\" / b; echo $?; ls",
            [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out == "1\n1\nx\n1\na\n", "\(run)")
        #expect(run.err.contains("aio-cp: open of nothing: not found"), "\(run)")
    }

    @Test("Ctrl-C in mid-copy removes the partial copy")
    func isInterrupted() throws {
        let scratch = try Scratch()
        let run = try Tool.shell(
            """
            head -c 300000000 /dev/zero > a
            "$1" --chunk 4096 --in-flight 1 a b & pid=$!
            while [ ! -s b ]; do kill -0 $pid || exit 9; done
            kill -INT $pid; wait $pid; echo $?; ls
            """, [try Tool.built("aio-cp")], in: scratch)
        #expect(run.out == "130\na\n", "\(run)")
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

import Testing

/// aio-sum and sha256sum are run side by side and have to agree: on standard output byte by byte, on standard error
/// except for the program's name, and on the exit code.
@Suite("aio-sum beside sha256sum", .enabled(if: hasOriginal, "needs sha256sum"))
struct SumTests {
    /// Names that have to be escaped, an empty file, one of several chunks, one that cannot be opened.
    private static let setUp = """
        printf a > plain; : > empty; mkdir directory
        printf b > "$(printf 'new\\nline')"; printf c > 'back\\slash'; printf d > "$(printf 'carriage\\rreturn')"
        printf e > ' blank'; printf f > '*star'; printf g > "$(printf 'not \\377 utf8')"
        head -c 1000000 /dev/zero > large; head -c 131072 /dev/zero > chunk; head -c 131073 /dev/zero > more
        sha256sum * 2> /dev/null > list; sha256sum --tag * 2> /dev/null > tagged
        sed 's/^\\(\\\\*\\)[0-9a-f]/\\10/' list > wrong
        { echo 'no checksum'; cat list; echo; echo '# remark'; echo "$(printf a | sha256sum | cut -c1-64)  gone"; } > mixed
        sha256sum plain | sed 's/  / /' > oneblank; tr a-f A-F < list | sed 's/  .*/  plain/' | head -1 > upper
        { printf '\\n\\r\\n  '; cat list; printf '\\t'; head -1 list | tr -d '\\n'; } > gaps
        { head -c 63 list; echo; head -c 64 list; echo; head -c 65 list; echo; head -c 66 list; echo; echo '\\'; \
            sed 's/^\\\\//' list; sed 's/^/\\\\/' list; sed 's/=/:/; s/)//' tagged; sed 's/SHA256/SHA512/' tagged; } > broken
        { sed 's/ plain/ no such/; s/ empty/ it'"'"'s/' list; printf '\\\\'; sed 's/plain/n\\\\n/' list | tail -1; } > missing
        { head -1 list; echo "$(printf a | sha256sum | cut -c1-64)  directory"; } > unreadable
        { printf '%s \\n' "$(printf a | sha256sum | cut -c1-64)"; cat list; } > nameless
        sed 's/$/\\r/' list | head -1 > dos; sha256sum --tag plain | sed 's/ (/(/; s/) /)/' > openssl

        """

    @Test(
        "the same words and the same exit code",
        arguments: [
            "*", "plain", "-b plain empty", "--tag *", "-z *", "-z --tag *", "-t plain",
            "plain nothing directory empty",
            "-- plain", "-", "", "-c list", "-c tagged", "-c wrong", "-c mixed", "-c --ignore-missing mixed",
            "-c --quiet list wrong", "-c --status wrong", "-c --status list", "-c --strict mixed", "-c -w mixed",
            "-c --warn --strict tagged mixed", "-c oneblank", "-c upper", "-c dos", "-c openssl", "-c empty",
            "-c nothing list", "-c directory", "-c large", "-c --ignore-missing gone-only", "-cw mixed",
            "--quiet plain",
            "--tag -c list", "-z -c list", "--strict plain", "-b -c list", "-c -t list", "--tag -t plain",
            "-t --tag plain", "-z -t -c list", "-c --quiet --status mixed", "-c --status --quiet mixed",
            "-c --status -w mixed", "-c -w --status mixed", "-c -w --quiet wrong", "--quiet --status plain",
            "--strict --quiet plain", "--status --ignore-missing plain", "-c", "-cw -", "-c gaps", "-c -w broken",
            #"'no such' '' "it's" 'a:b' '{' '}' '~a' '#a' 'a=b' 'a~#{}]%+,@a' 'a"b' 'a\b' 'a*' "it's \$" '('"#,
            #""$(printf 'new\nline')x" "$(printf 'e\033[1m')" "$(printf '\001')" "$(printf 'a\377')" ''"#,
            "-c 'no list' ''", "-c missing", "-c -w nameless", "-c --ignore-missing unreadable",
            "/proc/crypto /proc/version /dev/null",
        ])
    func saysTheSame(_ arguments: String) throws {
        let scratch = try Scratch()
        let prepared = try Tool.shell(
            Self.setUp + "echo \"$(printf a | sha256sum | cut -c1-64)  gone\" > gone-only", in: scratch)
        try #require(prepared.status == 0, "\(prepared.err)")
        let theirs = try Tool.shell("LC_ALL=C sha256sum \(arguments)", in: scratch)
        let ours = try Tool.shell("\"$1\" \(arguments)", [try Tool.built("aio-sum")], in: scratch)
        #expect(ours.out == theirs.out)
        #expect(ours.err == theirs.err.replacing("sha256sum", with: "aio-sum"))
        #expect(ours.status == theirs.status)
    }

    /// Runs a script with aio-sum and with sha256sum as TOOL, each in a directory of its own.
    private func expectTheSame(_ script: String) throws {
        let ours = try Tool.shell(
            script.replacing("TOOL", with: "\"$1\""), [try Tool.built("aio-sum")], in: try Scratch())
        let theirs = try Tool.shell(script.replacing("TOOL", with: "sha256sum"), in: try Scratch())
        #expect(ours.out == theirs.out)
        #expect(ours.err == theirs.err)
        #expect(ours.status == 0)
    }

    @Test("pipes and FIFOs, which have no offsets")
    func readsStreams() throws {
        let script = """
            head -c 3000000 /dev/zero > data; mkfifo fifo
            cat data | TOOL; cat data | TOOL -; cat data > fifo & TOOL fifo; TOOL < data
            TOOL data > list; cat list | TOOL -c
            """
        try expectTheSame(script)
    }

    @Test("standard input named twice, a list out of a pipe")
    func readsInputOnce() throws {
        let script = """
            head -c 3000000 /dev/zero > data; mkfifo fifo
            cat data | TOOL - data -; TOOL - - < data
            cat data | TOOL - - > twice; cat data | TOOL -c twice
            { TOOL data; TOOL - < data; } > mixed; cat data | TOOL -c mixed
            cat twice > fifo & cat data | TOOL -c fifo
            """
        try expectTheSame(script)
    }

    @Test("a closed descriptor is reported, and never becomes another file of the program")
    func readsNothingClosed() throws {
        let scratch = try Scratch()
        let tool = try Tool.built("aio-sum")
        let script = """
            printf a > plain; mkdir directory; TOOL plain > list
            timeout 60 TOOL - plain <&-; echo $?; timeout 60 TOOL -c <&-; echo $?
            TOOL - < directory; echo $?; TOOL plain 2>&- ; echo $?; TOOL -c list 2>&- <&- ; echo $?
            """
        let ours = try Tool.shell(script.replacing("TOOL", with: "\"$1\""), [tool], in: scratch)
        #expect(
            ours.out == """
                ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  plain
                1
                1
                1
                ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  plain
                0
                plain: OK
                0

                """)
        #expect(
            ours.err == """
                aio-sum: -: Bad file descriptor
                aio-sum: -: Bad file descriptor
                aio-sum: -: Is a directory

                """)
        let closed = try Tool.shell("\"$1\" plain >&-; echo $? > status; cat status >&2", [tool], in: scratch)
        #expect(closed.err == "aio-sum: write error\n1\n")
    }

    @Test("a terminal is read when its line comes", .enabled(if: Tool.hasTerminals, "needs script(1)"))
    func readsTerminal() throws {
        let scratch = try Scratch()
        // The program nearly always waits by then; a line that came before is read as well.
        let run = try Tool.shell(
            """
            export TOOL="$1"
            { while [ ! -e begun ]; do sleep 0.05; done; sleep 0.3; printf 'abc\\n'; printf '\\004'; } |
                timeout 60 script -qec 'touch begun; exec "$TOOL"' /dev/null
            """, [try Tool.built("aio-sum")], in: scratch)
        // Of "abc" and a line end.
        #expect(
            run.out.contains("edeaaff3f1774ad2888673770c6d64097e391bc362d7d6fb34982ddf0efd18cb  -"), "\(run)")
    }

    @Test("several files at once: one that waits does not delay the next")
    func readsAtOnce() throws {
        let scratch = try Scratch()
        // The second FIFO's writer comes first, and the first one's only when the second was read to its end.
        let run = try Tool.shell(
            """
            mkfifo one two; { head -c 300000 /dev/zero > two; printf a > one; } &
            timeout 60 "$1" one two; echo $?
            """, [try Tool.built("aio-sum")], in: scratch)
        #expect(
            run.out == """
                ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  one
                \(try Tool.shell("head -c 300000 /dev/zero | sha256sum | cut -c1-64", in: scratch).out.prefix(64))  two
                0

                """)
    }

    @Test("a thousand files come out in their order")
    func keepsOrder() throws {
        let scratch = try Scratch()
        let script = """
            i=0; while [ $i -lt 1000 ]; do head -c $((i * 37 % 5000)) /dev/zero > $i; i=$((i + 1)); done
            """
        _ = try Tool.shell(script, in: scratch)
        let ours = try Tool.shell("\"$1\" $(seq 0 999)", [try Tool.built("aio-sum")], in: scratch)
        #expect(ours.out == (try Tool.shell("sha256sum $(seq 0 999)", in: scratch)).out)
        #expect(ours.status == 0)
    }

    @Test("a wrong option and a full disk are reported")
    func reportsFailures() throws {
        let scratch = try Scratch()
        let tool = try Tool.built("aio-sum")
        let option = try Tool.shell("\"$1\" --nonsense", [tool], in: scratch)
        #expect(option.status == 1)
        #expect(option.err.contains("unrecognized option '--nonsense'"))
        let full = try Tool.shell("printf a > a; \"$1\" a > /dev/full", [tool], in: scratch)
        #expect(full.status == 1)
        #expect(full.err.contains("write error"))
    }
}

private let hasOriginal: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return (try? Tool.shell("sha256sum --version", in: scratch))?.status == 0
}()

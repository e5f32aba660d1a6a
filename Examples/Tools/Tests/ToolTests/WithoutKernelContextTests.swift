import Testing

/// Where io_setup(2) is refused: what needs no kernel context works all the same.
@Suite("without a kernel context")
struct WithoutKernelContextTests {
    @Test("aio-sum sums files, and copies go through", arguments: [1, 11, 38])
    func buffered(errno: Int) throws {
        let scratch = try Scratch()
        let tools = try ["aio-sum", "aio-cp", "forbidding"].map(Tool.built)
        let run = try Tool.shell(
            """
            head -c 3000000 /dev/urandom > file; : > empty
            "$3" io_setup \(errno) "$1" file empty > ours; echo $?
            sha256sum file empty | cmp - ours && echo same sums
            "$3" io_setup \(errno) "$2" file copy; echo $?
            cmp file copy && echo same bytes
            """, tools, in: scratch)
        #expect(run.out == "0\nsame sums\n0\nsame bytes\n", "\(run)")
    }
}

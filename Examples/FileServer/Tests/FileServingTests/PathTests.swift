import FileServing
import Testing

@Suite("paths")
struct PathTests {
    @Test(
        "a path is decoded, and empty parts and dots are dropped",
        arguments: [
            ("/", [String](), true), ("/a/b", ["a", "b"], false), ("/a/", ["a"], true), ("//a///b", ["a", "b"], false),
            ("/./a/.", ["a"], true), ("/a%20b", ["a b"], false), ("/%C3%A4", ["ä"], false), ("/...", ["..."], false),
            ("/a..b", ["a..b"], false), ("/a+b", ["a+b"], false), ("/%252e%252e/x", ["%2e%2e", "x"], false),
        ])
    func resolves(_ raw: String, _ components: [String], _ isDirectory: Bool) throws {
        let path = try RequestPath(raw)
        #expect(path.components == components)
        #expect(path.isDirectory == isDirectory)
    }

    @Test(
        "a path that leads up is refused, however it is written",
        arguments: [
            "/..", "/../etc/passwd", "/a/../b", "/%2e%2e/x", "/%2E./x", "/.%2e", "/a/..%2fb", "/..%2f..%2fetc",
            "/a%2Fb", "/%2f",
        ])
    func refusesTraversal(_ raw: String) {
        #expect(throws: RequestPath.Problem.traversal) { try RequestPath(raw) }
    }

    @Test("a text that is not a path is refused", arguments: ["", "a", "/%", "/%4", "/%zz", "/a%00b", "/%ff", "/%c3"])
    func refusesMalformed(_ raw: String) {
        #expect(throws: RequestPath.Problem.malformed) { try RequestPath(raw) }
    }

    @Test("a Location names this host, and delimiters are escaped")
    func encodes() throws {
        #expect(try RequestPath("//example.com/a?b").encoded == "/example.com/a%3Fb")
        #expect(try RequestPath("/a%0d%0ab").encoded == "/a%0D%0Ab")
        #expect(try RequestPath("/").encoded == "/")
    }
}

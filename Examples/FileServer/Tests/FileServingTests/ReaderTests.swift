import SystemPackage
import Testing

/// The responses are the same whatever files are read through: otherwise a comparison of the two would mean nothing.
@Suite("readers")
struct ReaderTests {
    @Test("the responses are the same through either", arguments: ["engine", "nio"])
    func responds(_ reader: String) async throws {
        let size = 200_001
        let directory = try ServedDirectory(size: size)
        let server = try ServerProcess(root: directory.path, reader: reader)
        let failures = await onThreads(1) { _ -> String? in
            // Twice on the same connection, as nothing may be left over from the response before.
            let client = try HTTPClient(port: server.port)
            for _ in 0..<2 {
                let whole = try client.get("/data")
                guard whole.status == 200, whole.body == ServedDirectory.bytes(at: 0, count: size) else {
                    return "the whole file: \(whole.status), \(whole.body.count)"
                }
                for (first, last) in [(0, 0), (70_000, 140_000), (200_000, 200_000), (199_000, 900_000)] {
                    let part = try client.get("/data", ["Range: bytes=\(first)-\(last)"])
                    let count = min(last, size - 1) - first + 1
                    guard part.status == 206, part.body == ServedDirectory.bytes(at: first, count: count) else {
                        return "\(first) to \(last): \(part.status), \(part.body.count)"
                    }
                }
                for (path, status) in [("/missing", 404), ("/data/below", 404), ("/", 404), ("/../data", 400)] {
                    let response = try client.get(path)
                    guard response.status == status else { return "\(path): \(response.status)" }
                }
                let past = try client.get("/data", ["Range: bytes=\(size)-"])
                guard past.status == 416 else { return "past the end: \(past.status)" }
                // Opened, and not read.
                try client.send("HEAD", "/data")
                let head = try client.readHead()
                guard head.status == 200, head.fields["content-length"] == "\(size)" else { return "HEAD: \(head)" }
            }
            return nil
        }
        #expect(failures.isEmpty, "\(failures)")
        server.terminate()
        let code = try await onThread { server.wait() }
        #expect(code == 0)
    }
}

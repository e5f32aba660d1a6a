import Glibc
import Synchronization
import SystemPackage
import Testing

/// The server as a process, and real connections to it.
@Suite("the server under load", .serialized)
struct LoadTests {
    /// The most memory that the server may use. The file has twice that size, and all responses together many times.
    static let memoryBudget = 128 << 20
    static let fileSize = 256 << 20

    @Test("400 connections at once get the right bytes, in bounded memory", .timeLimit(.minutes(5)))
    func servesManyAtOnce() async throws {
        let directory = try ServedDirectory(size: Self.fileSize)
        let server = try ServerProcess(root: directory.path)
        let connections = 400
        // All are connected before the first request.
        let start = Latch(connections)
        let failures = await onThreads(connections) { number -> String? in
            var random = SystemRandomNumberGenerator()
            let client = try HTTPClient(port: server.port)
            start.arriveAndWait()
            for _ in 0..<3 {
                let count = Int.random(in: 1...(1 << 20), using: &random)
                let first = Int.random(in: 0...(Self.fileSize - count), using: &random)
                let response = try client.get("/data", ["Range: bytes=\(first)-\(first + count - 1)"])
                guard response.status == 206, response.body.count == count,
                    response.fields["content-range"] == "bytes \(first)-\(first + count - 1)/\(Self.fileSize)",
                    response.body == ServedDirectory.bytes(at: first, count: count)
                else {
                    return "connection \(number): \(response.status), \(response.body.count) of \(count) at \(first)"
                }
            }
            return nil
        }
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        try await endsWithinBudget(server)
    }

    @Test(
        "whole responses of a file twice the server's memory budget, to fast clients and to one that waits",
        .timeLimit(.minutes(5)))
    func servesMoreThanMemory() async throws {
        let directory = try ServedDirectory(size: Self.fileSize)
        let server = try ServerProcess(root: directory.path)
        let connections = 4
        // The first client reads nothing of its body before the others have read theirs.
        let othersDone = Latch(connections)
        let failures = await onThreads(connections) { number -> String? in
            // Also when this client fails, as the first one waits for it.
            defer { if number > 0 { othersDone.arriveAndWait() } }
            let client = try HTTPClient(port: server.port)
            try client.send("GET", "/data")
            let head = try client.readHead()
            if number == 0 { othersDone.arriveAndWait() }
            let body = try client.check(head) { ServedDirectory.bytes(at: $0, count: $1)[...] }
            guard head.status == 200, body.count == Self.fileSize, body.wrong == nil else {
                return "connection \(number): \(head.status), \(body)"
            }
            return nil
        }
        #expect(failures.isEmpty, "\(failures)")
        try await endsWithinBudget(server)
    }

    private func endsWithinBudget(_ server: ServerProcess) async throws {
        let peak = try server.peakMemory()
        #expect(peak < Self.memoryBudget, "\(peak >> 20) MiB")
        server.terminate()
        let code = try await onThread { server.wait() }
        #expect(code == 0)
    }

    @Test(
        "SIGTERM under load: responses under way are completed, no new one begins, and all resources are released",
        .timeLimit(.minutes(5)))
    func endsInOrder() async throws {
        let directory = try ServedDirectory(size: 16 << 20)
        let eventsBefore = try aioEvents()
        // So deep that its part of the host's events stands out from those of other processes.
        let server = try ServerProcess(root: directory.path, drain: 60, queueDepth: 8000)
        let eventsDuring = try aioEvents()
        #expect(eventsDuring > eventsBefore + 4000)
        let connections = 300
        let expected = ServedDirectory.bytes(at: 0, count: directory.size)
        // The file is larger than the buffers of both sockets: no response can be complete before its client reads.
        let underWay = Latch(connections + 1)
        let signalled = Latch(connections + 1)
        async let clients = onThreads(connections) { number -> String? in
            let head: HTTPClient.Response
            let client: HTTPClient
            do {
                // A client that fails has to arrive at the latches all the same.
                defer {
                    underWay.arriveAndWait()
                    signalled.arriveAndWait()
                }
                client = try HTTPClient(port: server.port, receiveBuffer: 1 << 18)
                try client.send("GET", "/data")
                head = try client.readHead()
            }
            let body = try client.check(head) { expected[$0..<$0 + $1] }
            guard head.status == 200, body.count == directory.size, body.wrong == nil else {
                return "connection \(number): \(head.status), \(body)"
            }
            return nil
        }
        let clock = ContinuousClock()
        let (peak, start) = try await onThread {
            underWay.arriveAndWait()
            let peak = Result { try server.peakMemory() }
            server.terminate()
            // The listening socket is closed before anything else: then the signal has arrived.
            while (try? HTTPClient(port: server.port)) != nil { usleep(1000) }
            let start = clock.now
            signalled.arriveAndWait()
            return (try peak.get(), start)
        }
        #expect(peak < Self.memoryBudget, "\(peak >> 20) MiB with \(connections) clients that do not read")
        let failures = await clients
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        let code = try await onThread { server.wait() }
        #expect(code == 0)
        #expect(clock.now - start < .seconds(60))
        // fs.aio-nr is the whole host's, and other processes change it; but the kernel releases the events of a context
        // all at once, so that half of them gone means that all are gone: exactly those that this server had taken.
        #expect(try aioEvents() < eventsDuring - 4000)
        // By an orderly shutdown, not by the kernel's clean-up after the process.
        let log = try directory.log()
        #expect(log.contains("AIO context destroyed"), "\(log)")
        #expect(!log.contains("cut off"), "\(log)")
    }

    @Test("ranges, conditions and refusals, over the wire", .timeLimit(.minutes(2)))
    func answersRequests() async throws {
        let directory = try ServedDirectory(size: 1000)
        try #require(symlink("/etc/passwd", directory.path + "/link") == 0)
        try #require(symlink("data", directory.path + "/inside") == 0)
        let server = try ServerProcess(root: directory.path)
        try await onThread {
            let client = try HTTPClient(port: server.port)
            let whole = try client.get("/data")
            #expect(whole.status == 200)
            #expect(whole.body == ServedDirectory.bytes(at: 0, count: 1000))
            #expect(whole.fields["accept-ranges"] == "bytes")
            let tag = try #require(whole.fields["etag"])
            let date = try #require(whole.fields["last-modified"])

            for (range, first, count) in [("5-9", 5, 5), ("990-", 990, 10), ("-4", 996, 4), ("0-99999", 0, 1000)] {
                let part = try client.get("/data", ["Range: bytes=\(range)"])
                #expect(part.status == 206)
                #expect(part.body == ServedDirectory.bytes(at: first, count: count))
                #expect(part.fields["content-range"] == "bytes \(first)-\(first + count - 1)/1000")
            }
            let beyond = try client.get("/data", ["Range: bytes=1000-"])
            #expect(beyond.status == 416)
            #expect(beyond.fields["content-range"] == "bytes */1000")
            #expect(try client.get("/data", ["Range: bytes=0-1,5-6"]).status == 200)
            #expect(try client.get("/data", ["Range: bytes=0-1", "If-Range: \(tag)"]).status == 206)
            #expect(try client.get("/data", ["Range: bytes=0-1", "If-Range: \(date)"]).status == 206)
            #expect(try client.get("/data", ["Range: bytes=0-1", "If-Range: \"other\""]).body.count == 1000)
            #expect(try client.get("/data", ["If-None-Match: \(tag)"]).status == 304)

            // A HEAD promises a length and sends nothing: the next response begins right behind it.
            try client.send("HEAD", "/data", ["Range: bytes=0-1"])
            let head = try client.readHead()
            #expect(head.status == 200)
            #expect(head.fields["content-length"] == "1000")
            #expect(try client.get("/inside").body == whole.body)

            for path in ["/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/x/../../data"] {
                #expect(try client.get(path).status == 400, "\(path)")
            }
            #expect(try client.get("/link").status == 404)
            #expect(try client.get("/%252e%252e/etc/passwd").status == 404)
            #expect(try client.get("/data/").status == 404)
            #expect(try client.get("/nothing").status == 404)
            #expect(try client.get("/").status == 404)
            try client.send("DELETE", "/data")
            #expect(try client.readBody(of: client.readHead()).status == 405)
            #expect(try client.get("/-/health").body == Array("healthy\n".utf8))
            let metrics = String(decoding: try client.get("/-/metrics").body, as: UTF8.self)
            #expect(metrics.contains("http_responses_total{status=\"416\"} 1\n"), "\(metrics)")
            #expect(metrics.contains("aio_operations_total{context=\"serve\",kind=\"read\"}"), "\(metrics)")
        }
        server.terminate()
        #expect(server.wait() == 0)
    }

    private func aioEvents() throws -> Int {
        let file = try FileDescriptor.open("/proc/sys/fs/aio-nr", .readOnly)
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        return try #require(Int(String(decoding: bytes[..<count], as: UTF8.self).filter(\.isNumber)))
    }
}

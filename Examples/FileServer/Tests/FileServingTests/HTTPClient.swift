import Glibc
import Testing

/// A connection that sends HTTP requests and reads responses, byte by byte as they are on the wire: no library stands
/// between the test and the server. Its calls block: use it on a thread of its own.
final class HTTPClient {
    struct Response {
        var status = 0
        var fields: [String: String] = [:]
        var body: [UInt8] = []
        /// Whether the connection ended before the promised length.
        var isCut = false
    }
    struct Failure: Error { let call: String, errno: Int32 }

    private let socket: Int32
    private var pending: [UInt8] = []

    /// - Parameter receiveBuffer: SO_RCVBUF in bytes, for a client that does not read at once; nil: the system's.
    init(port: UInt16, receiveBuffer: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if var receiveBuffer {
            // Before connect(2): the window that is offered then depends on it.
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let error = errno
            close(socket)
            throw Failure(call: "connect", errno: error)
        }
        // A server that sends nothing more fails the test, and does not hang it.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(socket) }

    func send(_ method: String, _ path: String, _ fields: [String] = []) throws {
        let text = (["\(method) \(path) HTTP/1.1", "Host: localhost"] + fields + ["", ""]).joined(separator: "\r\n")
        guard text.withCString({ Glibc.send(socket, $0, strlen($0), Int32(MSG_NOSIGNAL)) }) == text.utf8.count
        else { throw Failure(call: "send", errno: errno) }
    }

    /// Reads status and fields.
    func readHead() throws -> Response {
        var response = Response()
        let end = Array("\r\n\r\n".utf8)
        var head: ArraySlice<UInt8>?
        while head == nil {
            guard try receive() else { throw Failure(call: "receive", errno: 0) }
            if let found = pending.indices.dropLast(3).first(where: { Array(pending[$0..<$0 + 4]) == end }) {
                head = pending[..<found]
                pending.removeFirst(found + 4)
                break
            }
        }
        let lines = String(decoding: head ?? [], as: UTF8.self).split(separator: "\r\n")
        response.status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            response.fields[line[..<colon].lowercased()] =
                line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        return response
    }

    /// Reads as many bytes as the head promises.
    func readBody(of head: Response) throws -> Response {
        var response = head
        let length = Int(head.fields["content-length"] ?? "") ?? 0
        while pending.count < length {
            guard try receive() else {
                response.isCut = true
                break
            }
        }
        response.body = Array(pending.prefix(length))
        pending.removeFirst(response.body.count)
        return response
    }

    /// Reads as many bytes as the head promises and compares them, keeping none: for bodies too large for memory.
    ///
    /// - Parameter expected: returns `count` bytes of the file from an offset on.
    /// - Returns: how many bytes there were, fewer when the connection ended, and where the first wrong piece began.
    func check(
        _ head: Response, _ expected: (_ offset: Int, _ count: Int) -> ArraySlice<UInt8>
    ) throws -> (count: Int, wrong: Int?) {
        let length = Int(head.fields["content-length"] ?? "") ?? 0
        var result = (count: 0, wrong: Int?.none)
        while result.count < length {
            if pending.isEmpty, try !receive() { break }
            let piece = pending.prefix(length - result.count)
            if result.wrong == nil, piece != expected(result.count, piece.count) { result.wrong = result.count }
            result.count += piece.count
            pending.removeFirst(piece.count)
        }
        return result
    }

    func get(_ path: String, _ fields: [String] = []) throws -> Response {
        try send("GET", path, fields)
        return try readBody(of: readHead())
    }

    /// Receives some bytes. Returns false when the other side has closed the connection.
    private func receive() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &chunk, chunk.count, 0)
        guard count >= 0 else { throw Failure(call: "receive", errno: errno) }
        pending += chunk[..<count]
        return count > 0
    }
}

import Glibc
import Synchronization
import SystemPackage
import Testing

/// The server as a process of its own, as in real use: `aio-serve` on a free port.
final class ServerProcess: Sendable {
    let port: UInt16
    private let process: pid_t
    private let output: Int32

    /// Starts the server. Its log is in `root` as well, in a file named "log".
    init(root: String, drain: Int = 60, queueDepth: Int = 256, reader: String = "engine") throws {
        let executable = FilePath(try #require(CommandLine.arguments.first)).removingLastComponent()
            .appending("aio-serve").string
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, root + "/log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let words: [String] = [
            executable, "--port", "0", "--verbose", "--drain", "\(drain)", "--queue-depth", "\(queueDepth)", "--reader",
            reader, root,
        ]
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        try #require(posix_spawn(&process, executable, &actions, nil, arguments, environ) == 0)
        close(ends[1])
        output = ends[0]
        self.process = process
        // "serving … at http://127.0.0.1:PORT/"
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(ends[0], &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        let text = String(decoding: line, as: UTF8.self)
        port = try #require(text.split(separator: ":").last.flatMap { UInt16($0.dropLast()) }, "\(text)")
    }

    deinit { close(output) }

    func terminate() { kill(process, SIGTERM) }

    /// Waits for the end of the process. Returns the exit code, or 256 + the signal.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? status >> 8 & 0xff : 256 + (status & 0x7f)
    }

    /// Returns the most memory that the process has had so far, in bytes: VmHWM.
    func peakMemory() throws -> Int {
        let file = try FileDescriptor.open("/proc/\(process)/status", .readOnly)
        defer { try? file.close() }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber))) * 1024
    }
}

/// A directory under /var/tmp with a file of bytes that are a function of their offset; removed in the end.
final class ServedDirectory: Sendable {
    let path: String
    let size: Int

    init(size: Int) throws {
        self.size = size
        var template = Array("/var/tmp/aio-serve-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let file = try FileDescriptor.open(
            FilePath(path).appending("data"), .writeOnly, options: .create, permissions: .ownerReadWrite)
        defer { try? file.close() }
        let piece = 1 << 20
        for offset in stride(from: 0, to: size, by: piece) {
            try file.writeAll(Self.bytes(at: offset, count: min(piece, size - offset)))
        }
    }

    /// Returns the server's log.
    func log() throws -> String {
        let file = try FileDescriptor.open(FilePath(path).appending("log"), .readOnly)
        defer { try? file.close() }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = try chunk.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            all += chunk[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }

    deinit {
        for name in ["data", "link", "inside", "log"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// Returns the bytes of the file from `offset` on; every 8 bytes are another number.
    static func bytes(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            for index in 0..<count {
                let word = UInt64(truncatingIfNeeded: (offset + index) >> 3) &* 0x9e37_79b9_7f4a_7c15
                buffer[index] = UInt8(truncatingIfNeeded: word >> UInt64(56 - ((offset + index) & 7)))
            }
            done = count
        }
    }
}

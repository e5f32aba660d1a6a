import Glibc
import SystemPackage
import Testing

/// A program that is built beside this test, or one of the system.
enum Tool {
    struct Output {
        var status: Int32
        var out: String
        var err: String
    }

    static func built(_ name: String) throws -> String {
        FilePath(try #require(CommandLine.arguments.first)).removingLastComponent().appending(name).string
    }

    /// Runs `script` in a shell, in `directory`, with $1 and on. Quoting is the shell's.
    static func shell(_ script: String, _ arguments: [String] = [], in directory: Scratch) throws -> Output {
        let (out, err) = (directory.path + "/.out", directory.path + "/.err")
        let command: [String] = [
            "/bin/sh", "-c", "cd \"$1\" && shift && { \(script)\n} > \(out) 2> \(err) < /dev/null", "sh",
            directory.path,
        ]
        let words = (command + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        try #require(posix_spawn(&process, "/bin/sh", nil, nil, words, environ) == 0)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return Output(
            status: status & 0x7f == 0 ? status >> 8 & 0xff : 256 + (status & 0x7f), out: try text(out),
            err: try text(err))
    }

    /// Whether script(1) can give a program a terminal here.
    static let hasTerminals: Bool = {
        guard let scratch = try? Scratch() else { return false }
        return (try? shell("timeout 60 script -qec 'test -t 2' /dev/null", in: scratch))?.status == 0
    }()

    private static func text(_ path: String) throws -> String {
        let file = try FileDescriptor.open(path, .readOnly)
        defer { try? file.close() }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = try chunk.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            all += chunk[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// A directory of the test's own on a disk's file system, removed in the end.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/var/tmp/aio-tools-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        var process: pid_t = 0
        let words: [String] = ["rm", "-rf", path]
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        if posix_spawnp(&process, "rm", nil, nil, arguments, environ) == 0 { waitpid(process, nil, 0) }
    }
}

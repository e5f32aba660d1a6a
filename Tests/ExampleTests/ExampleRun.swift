import Dispatch
import Glibc
import SystemPackage

/// A finished run of one of the package's executables: what it printed, and its exit code (256 and the
/// signal's number when one ended it).
struct ExampleRun {
    let output: String
    let exitCode: Int32

    /// Runs the executable that was built beside this test, with nothing to read, and waits for its end.
    init(_ name: String, _ arguments: [String]) async throws {
        let executable = try Self.buildDirectory().appending(name)
        // Not on a thread of the pool: this one waits in read(2) and waitpid(2).
        self = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try ExampleRun(executable, arguments) })
            }
        }
    }

    private init(_ executable: FilePath, _ arguments: [String]) throws {
        let pipe = try FileDescriptor.pipe()
        defer { try? pipe.readEnd.close() }
        // Not for children that other tests start meanwhile: the end of the output would wait for theirs.
        for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        let child: pid_t
        do {
            defer { try? pipe.writeEnd.close() }
            child = try Self.spawn(executable, arguments, output: pipe.writeEnd)
        }
        var bytes: [UInt8] = []
        while true {
            let chunk = try [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = try pipe.readEnd.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if chunk.isEmpty { break }
            bytes += chunk
        }
        output = String(decoding: bytes, as: UTF8.self)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        exitCode = status & 0x7f == 0 ? (status >> 8) & 0xff : 256 + status & 0x7f
    }

    private static func spawn(
        _ executable: FilePath, _ arguments: [String], output: FileDescriptor
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDOUT_FILENO)
        var words = ([executable.string] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var child = pid_t()
        let result = posix_spawn(&child, executable.string, &actions, nil, words, environ)
        guard result == 0 else { throw Errno(rawValue: result) }
        return child
    }

    /// Where the test bundle is, and with it whatever else the package builds.
    private static func buildDirectory() throws -> FilePath {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw Errno(rawValue: errno) }
        let path = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return FilePath(path).removingLastComponent()
    }
}

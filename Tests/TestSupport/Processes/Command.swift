internal import CAIOShims
internal import CTestSupport
internal import Glibc
internal import SystemPackage

/// Runs other programs.
public enum Command {
    public struct Output: Sendable {
        /// The exit code, or 256 + the signal.
        public let status: Int32
        /// Standard output and error, interleaved as they were written.
        public let text: String
    }

    /// Returns the path of a program in PATH or the sbin directories, or nil.
    public static func find(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let directories = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/sbin", "/bin"]
        return directories.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// Runs a program without standard input and waits for it.
    public static func run(_ arguments: [String]) throws -> Output {
        var ends: [Int32] = [-1, -1]
        _ = try checked(test_pipe(&ends))
        let output = FileDescriptor(rawValue: ends[0])
        defer { try? output.close() }
        let nothing = caio_open("/dev/null", O_RDONLY, 0)
        let child = spawn(arguments, in: nothing, out: ends[1], err: ends[1])
        _ = caio_close(nothing)
        _ = caio_close(ends[1])
        _ = try checked(child)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = try chunk.withUnsafeMutableBytes({ try output.read(into: $0) }), count > 0 {
            bytes += chunk[..<count]
        }
        return Output(status: try checked(test_wait(child)), text: String(decoding: bytes, as: UTF8.self))
    }

    /// Starts a program. Returns its pid, or -errno.
    static func spawn(_ arguments: [String], in input: Int32, out: Int32, err: Int32) -> Int32 {
        let pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        return pointers.withUnsafeBufferPointer { test_spawn($0.baseAddress!, input, out, err) }
    }
}

internal import CAIOShims
internal import CTestSupport
internal import Glibc
public import SystemPackage

/// A directory of a test's own, removed with all its contents with the last reference.
public final class TemporaryDirectory: Sendable {
    public let path: FilePath

    /// Makes one on a disk's file system, where direct I/O is real: in `TMPDIR`, or /var/tmp if that is in memory.
    public static func onDisk() throws -> TemporaryDirectory {
        let wanted = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        let candidates = [wanted, "/var/tmp", "/tmp"].filter { !$0.isEmpty && !isInMemory($0) }
        return try TemporaryDirectory(in: candidates.first ?? "/tmp")
    }

    /// Makes one on tmpfs: in /dev/shm.
    public static func inMemory() throws -> TemporaryDirectory { try TemporaryDirectory(in: "/dev/shm") }

    public init(in parent: String) throws {
        var template = Array("\(parent)/swift-aio-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        path = FilePath(template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
    }

    deinit { test_remove_tree(path.string) }

    /// Returns the path of `name` in this directory.
    public func path(_ name: String) -> FilePath { path.appending(name) }

    public func makeDirectory(_ name: String) throws -> FilePath {
        guard mkdir(path(name).string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        return path(name)
    }

    private static func isInMemory(_ directory: String) -> Bool {
        let descriptor = caio_open(directory, O_RDONLY, 0)
        guard descriptor >= 0 else { return true }
        defer { _ = caio_close(descriptor) }
        return caio_is_memory_file_system(caio_file_system(descriptor))
    }
}

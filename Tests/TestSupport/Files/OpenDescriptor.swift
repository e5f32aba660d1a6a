internal import CAIOShims
internal import CTestSupport
internal import Glibc
public import SystemPackage

/// A descriptor that is closed with the last reference to it.
public final class OpenDescriptor: Sendable {
    public let descriptor: FileDescriptor

    /// Takes ownership of the descriptor.
    public init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// Opens a file with open(2), close-on-exec; with O_DIRECT if `direct`.
    public convenience init(
        _ path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = [],
        direct: Bool = false
    ) throws {
        let flags = mode.rawValue | options.rawValue | (direct ? caio_o_direct : 0)
        self.init(FileDescriptor(rawValue: try checked(caio_open(path.string, flags, 0o600))))
    }

    deinit { try? descriptor.close() }

    public static func pipe() throws -> (read: OpenDescriptor, write: OpenDescriptor) {
        var ends: [Int32] = [-1, -1]
        _ = try checked(test_pipe(&ends))
        return (
            OpenDescriptor(FileDescriptor(rawValue: ends[0])), OpenDescriptor(FileDescriptor(rawValue: ends[1]))
        )
    }

    /// Opens a pseudo-terminal: the end of keyboard and screen, and the end of the program.
    public static func terminal() throws -> (master: OpenDescriptor, slave: OpenDescriptor) {
        var ends: [Int32] = [-1, -1]
        _ = try checked(test_terminal(&ends))
        return (
            OpenDescriptor(FileDescriptor(rawValue: ends[0])), OpenDescriptor(FileDescriptor(rawValue: ends[1]))
        )
    }

    public func size() throws -> Int64 {
        var information = caio_file_info()
        _ = try checked(caio_file_information(descriptor.rawValue, &information))
        return information.size
    }
}

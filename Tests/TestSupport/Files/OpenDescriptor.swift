internal import CAIOShims
internal import CTestSupport
internal import Glibc
public import SystemPackage

/// A descriptor that is closed when the last reference to it goes.
public final class OpenDescriptor: Sendable {
    public let descriptor: FileDescriptor

    /// Takes the descriptor over.
    public init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    /// open(2), close-on-exec; `direct` for O_DIRECT.
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

    /// A pseudo-terminal: the keyboard's and screen's end, and the program's.
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

/// The value, or the error that a negative one stands for.
func checked(_ result: Int32) throws -> Int32 {
    guard result >= 0 else { throw Errno(rawValue: -result) }
    return result
}

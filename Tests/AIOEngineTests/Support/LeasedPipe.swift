import CAIOShims
import Glibc
import SystemPackage
import TestSupport

/// A pipe whose write end is given to a lease. Its read end hangs up when the write end has been closed, whatever
/// else opens and closes descriptors meanwhile.
final class LeasedPipe: Sendable {
    let readEnd: FileDescriptor
    /// A high number, which no other test's descriptor gets when this one is closed.
    let writeEnd: Int32

    init(writeEndFrom lowest: Int32 = 600) throws {
        let ends = try FileDescriptor.pipe()
        readEnd = ends.readEnd
        writeEnd = fcntl(ends.writeEnd.rawValue, F_DUPFD_CLOEXEC, lowest)
        try ends.writeEnd.close()
        guard writeEnd >= lowest else { throw Errno(rawValue: errno) }
    }

    deinit { try? readEnd.close() }

    var isClosed: Bool { caio_poll(readEnd.rawValue, 0, 0) & Int32(POLLHUP) != 0 }
}

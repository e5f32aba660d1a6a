import CAIOShims
import Glibc
import SystemPackage
import TestSupport

/// A pipe whose write end is for a lease: its read end tells when the write end has been closed, whoever else
/// opens and closes descriptors meanwhile.
final class LeasedPipe: Sendable {
    let readEnd: FileDescriptor
    /// High up, where no other test's descriptor comes to stand when this one is closed.
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

/// What the waiters of a close were told.
struct Heard: Sendable {
    let results = Monitor<[Int]>([])

    var completion: @Sendable (Int) -> Void {
        { result in self.results.withLock { $0.append(result) } }
    }

    func wait(for count: Int) async throws -> [Int] {
        try await results.wait(for: "\(count) results of close") { $0.count >= count ? $0 : nil }
    }
}

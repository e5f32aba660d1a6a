internal import AIO
internal import SystemPackage

/// Why a file has no checksum.
public struct Unreadable: Error, Sendable {
    /// As the system words it: "No such file or directory".
    public let reason: String

    /// The error of open(2) for a name that does not exist, such as the empty one.
    static let missing = Unreadable(reason: "No such file or directory")
    var isMissing: Bool { reason == Self.missing.reason }
}

extension Unreadable {
    init(_ error: AIOError) {
        // `AIOStream` throws this code without a system call, and so without an errno.
        let errno = error.code == .isDirectory ? .isDirectory : error.errno
        reason = errno.map { "\($0)" } ?? error.description
    }
}

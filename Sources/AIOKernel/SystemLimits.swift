internal import Glibc
public import SystemPackage

/// The host-wide budget of AIO events: `fs.aio-nr` and `fs.aio-max-nr` (proc(5)).
///
/// Containers share it with their host and with each other.
public struct SystemLimits: Hashable, Sendable {
    /// Events that all contexts of this host have reserved: `/proc/sys/fs/aio-nr`.
    public let inUse: Int
    /// The most events they may reserve together: `/proc/sys/fs/aio-max-nr`.
    public let maximum: Int
    /// Events that a new context may still reserve.
    public var available: Int { max(0, maximum - inUse) }

    /// Reads both numbers now.
    ///
    /// - Throws: `Errno` when /proc is not mounted or may not be read.
    public static func current() throws(Errno) -> SystemLimits {
        SystemLimits(
            inUse: try readNumber("/proc/sys/fs/aio-nr"), maximum: try readNumber("/proc/sys/fs/aio-max-nr"))
    }

    private static func readNumber(_ path: String) throws(Errno) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        defer { close(descriptor) }
        var value = 0
        var digits = 0
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { buffer in
            let count = max(0, read(descriptor, buffer.baseAddress!, buffer.count))
            for byte in buffer.prefix(count) {
                guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { break }
                value = value &* 10 &+ Int(byte &- UInt8(ascii: "0"))
                digits += 1
            }
        }
        guard digits > 0 else { throw .ioError }
        return value
    }
}

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
    /// Events that a new context may still reserve; 0 when the maximum was lowered below what is in use.
    public var available: Int { max(0, maximum - inUse) }

    package init(inUse: Int, maximum: Int) {
        // Neither is ever negative, so that no difference of them overflows.
        self.inUse = max(0, inUse)
        self.maximum = max(0, maximum)
    }

    /// Reads both numbers now: open(2) and read(2) on /proc.
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
        let read = withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { buffer in
            number(in: buffer.prefix(max(0, Glibc.read(descriptor, buffer.baseAddress!, buffer.count))))
        }
        guard let read else { throw .ioError }
        return read
    }

    /// The decimal number that `text` starts with; the largest `Int` for what is above it, as the kernel's
    /// own bound is an unsigned long.
    package static func number(in text: some Sequence<UInt8>) -> Int? {
        var value: Int?
        for byte in text {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { break }
            let (tens, overflow) = (value ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if overflow || carry { return .max }
            value = sum
        }
        return value
    }
}

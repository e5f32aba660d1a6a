internal import Glibc

/// What a descriptor can be ready for: the bits of poll(2).
public struct AIOEvents: OptionSet, Sendable, CustomStringConvertible {
    /// The bits as poll(2) has them.
    public let rawValue: UInt32
    /// Makes a set of the events with these bits; bits without a name here are kept.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There are bytes to read, or the end of the stream: `POLLIN`.
    public static let readable = AIOEvents(rawValue: UInt32(POLLIN))
    /// A write would not wait: `POLLOUT`.
    public static let writable = AIOEvents(rawValue: UInt32(POLLOUT))
    /// Urgent data: `POLLPRI`.
    public static let priority = AIOEvents(rawValue: UInt32(POLLPRI))
    /// The peer has shut down its writing side: `POLLRDHUP`.
    public static let readHangUp = AIOEvents(rawValue: 0x2000)
    /// The other end is closed: `POLLHUP`. Always reported, also if it is not among the events to wait for.
    public static let hangUp = AIOEvents(rawValue: UInt32(POLLHUP))
    /// The descriptor has an error: `POLLERR`. Always reported, also if it is not among the events to wait for.
    public static let error = AIOEvents(rawValue: UInt32(POLLERR))

    /// The names of the events, in brackets.
    public var description: String {
        let names: [(AIOEvents, String)] = [
            (.readable, "readable"), (.writable, "writable"), (.priority, "priority"),
            (.readHangUp, "readHangUp"), (.hangUp, "hangUp"), (.error, "error"),
        ]
        return "[" + names.filter { contains($0.0) }.map(\.1).joined(separator: ", ") + "]"
    }
}

internal import Glibc

/// What a descriptor can be ready for: the bits of poll(2).
public struct AIOEvents: OptionSet, Sendable, CustomStringConvertible {
    /// The bits as poll(2) has them.
    public let rawValue: UInt32
    /// Events of these bits, also such as have no name here.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read, or the end: `POLLIN`.
    public static let readable = AIOEvents(rawValue: UInt32(POLLIN))
    /// A write would not wait: `POLLOUT`.
    public static let writable = AIOEvents(rawValue: UInt32(POLLOUT))
    /// Urgent data: `POLLPRI`.
    public static let priority = AIOEvents(rawValue: UInt32(POLLPRI))
    /// The peer will write no more: `POLLRDHUP`.
    public static let readHangUp = AIOEvents(rawValue: 0x2000)
    /// The other end is gone: `POLLHUP`. Reported whether asked for or not.
    public static let hangUp = AIOEvents(rawValue: UInt32(POLLHUP))
    /// The descriptor has an error: `POLLERR`. Reported whether asked for or not.
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

public import CAIOShims

/// One completion as the kernel reports it.
public struct CompletionEvent: Sendable {
    /// The memory as the kernel writes it.
    public var raw: caio_event

    /// A zeroed event, for a buffer to be filled.
    public init() { raw = caio_event() }

    /// The word that the control block carried.
    public var data: UInt64 { raw.data }
    /// The address of the operation's ``ControlBlock`` in its table.
    public var blockAddress: UInt { UInt(raw.object) }
    /// Bytes transferred, poll bits, or -errno.
    public var result: Int { Int(raw.result) }
}

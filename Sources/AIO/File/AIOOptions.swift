internal import AIOKernel

/// Per-operation flags: `RWF_*` of preadv2(2). What the kernel or the file system does not know throws
/// ``AIOError/Code/unsupported``.
public struct AIOOptions: OptionSet, Sendable {
    /// The bits as preadv2(2) has them.
    public let rawValue: UInt32
    /// Options of these bits, also such as have no name here: the kernel refuses what it does not know.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ flags: ControlBlock.Flags) { rawValue = flags.rawValue }

    /// The write is over once its data is on stable storage: `RWF_DSYNC`.
    public static let dataSync = AIOOptions(.dataSync)
    /// As ``dataSync``, with all the metadata: `RWF_SYNC`.
    public static let sync = AIOOptions(.sync)
    /// Writes at the end of the file, whatever the offset: `RWF_APPEND`.
    public static let append = AIOOptions(.append)
    /// Fails with ``AIOError/Code/wouldBlock`` rather than wait for anything but the device: `RWF_NOWAIT`.
    public static let noWait = AIOOptions(.noWait)
    /// A hint that the kernel may poll the device for completion: `RWF_HIPRI`.
    public static let highPriority = AIOOptions(.highPriority)
    /// The write reaches the device whole or not at all: `RWF_ATOMIC` (Linux 6.11, direct files).
    public static let atomic = AIOOptions(.atomic)
    /// The page cache keeps nothing of it: `RWF_DONTCACHE` (Linux 6.14, buffered files).
    public static let dontCache = AIOOptions(.dontCache)

    var flags: ControlBlock.Flags { ControlBlock.Flags(rawValue: rawValue) }
}

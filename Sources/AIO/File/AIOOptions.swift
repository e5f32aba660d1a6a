internal import AIOKernel

/// Flags of an operation: `RWF_*` of preadv2(2). An operation with a flag that the kernel or the file system does not
/// support throws ``AIOError/Code/unsupported``.
public struct AIOOptions: OptionSet, Sendable {
    /// The bits as preadv2(2) has them.
    public let rawValue: UInt32
    /// Makes a set of the options with these bits. Bits without a name here are kept: the kernel refuses those that it
    /// does not support.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(_ flags: ControlBlock.Flags) { rawValue = flags.rawValue }

    /// The write completes when its data is on stable storage: `RWF_DSYNC`.
    public static let dataSync = AIOOptions(.dataSync)
    /// The write completes when its data and all the metadata are on stable storage: `RWF_SYNC`.
    public static let sync = AIOOptions(.sync)
    /// The write goes to the end of the file, whatever its offset: `RWF_APPEND`.
    public static let append = AIOOptions(.append)
    /// The operation fails with ``AIOError/Code/wouldBlock`` if it had to wait for anything but the device:
    /// `RWF_NOWAIT`.
    public static let noWait = AIOOptions(.noWait)
    /// A hint that the kernel may poll the device for completion: `RWF_HIPRI`.
    public static let highPriority = AIOOptions(.highPriority)
    /// The device writes all of the bytes or none of them: `RWF_ATOMIC` (Linux 6.11, direct files).
    public static let atomic = AIOOptions(.atomic)
    /// The bytes do not stay in the page cache: `RWF_DONTCACHE` (Linux 6.14, buffered files).
    public static let dontCache = AIOOptions(.dontCache)

    var flags: ControlBlock.Flags { ControlBlock.Flags(rawValue: rawValue) }
}

internal import AIOEngine
internal import CAIOShims
internal import Glibc
public import SystemPackage

/// An open file whose reads and writes are the kernel's own AIO.
///
/// Any number of tasks may use it at once; operations run concurrently and may complete in any order. Dropping the last
/// reference closes the descriptor, on another thread where that may wait; ``close()`` waits for it, and reports an
/// error.
///
/// A **direct** file bypasses the page cache: each read is one `IOCB_CMD_PREAD` that the device serves while no thread
/// waits. On a **buffered** file, reads of what the page cache holds are done inline; a blocking thread of the context
/// does the others, as the kernel would block in io_submit(2).
public final class AIOFile: Sendable {
    /// Whether reads and writes go through the page cache.
    public enum Caching: Sendable {
        /// Through the page cache.
        case buffered
        /// Without the page cache: `O_DIRECT`.
        case direct
    }

    /// The path that the file was opened by; nil for a descriptor that was taken over.
    public let path: FilePath?
    /// The context that does the file's I/O.
    public let context: AIOContext
    /// Whether reads and writes go through the page cache, as the file was opened or taken over.
    public let caching: Caching
    /// The alignment that direct I/O needs, in bytes: of addresses, and of offsets and counts. 1 and 1 when buffered.
    ///
    /// Reads that are not aligned are widened; direct writes have to be aligned.
    public let alignment: Alignment
    let lease: DescriptorLease
    /// Whether the file is in memory (tmpfs and the like), where no call waits for a disk.
    let isInMemory: Bool
    /// Whether the file is on a disk of this machine or in its memory, where calls such as fstat(2) on an open file do
    /// not wait.
    let isLocal: Bool
    /// Whether the file was opened with O_APPEND, which makes the offset of a write meaningless.
    let isAppending: Bool

    /// Takes over an open descriptor. fstat(2), fstatfs(2), fcntl(2) and, on a direct file, statx(2) find out its
    /// properties, on the calling thread.
    ///
    /// - Parameters:
    ///   - descriptor: an open descriptor of a regular file, a block device, or anything that preadv2(2) takes.
    ///   - closesOnDeinit: whether the file owns the descriptor, and closes it when its last reference is dropped.
    ///   - caching: nil for what the descriptor has; otherwise O_DIRECT is switched on or off on it (fcntl(2)), which
    ///     applies to everyone who shares the descriptor.
    ///   - context: does the I/O; nil for ``AIOContext/shared``.
    /// - Throws: ``AIOError/Code/badDescriptor``, ``AIOError/Code/unsupported`` when the file cannot be direct,
    ///   and what ``AIOContext/shared`` throws. The caller then still owns the descriptor.
    public convenience init(
        _ descriptor: FileDescriptor, closesOnDeinit: Bool, caching: Caching? = nil, on context: AIOContext? = nil
    ) throws {
        let details = ErrorDetails("taking over descriptor \(descriptor.rawValue)")
        let context = try context ?? .shared
        let traits = try FileTraits(descriptor.rawValue, caching: caching, details)
        self.init(descriptor.rawValue, ownsDescriptor: closesOnDeinit, path: nil, traits, context)
    }

    init(_ descriptor: Int32, ownsDescriptor: Bool, path: FilePath?, _ traits: FileTraits, _ context: AIOContext) {
        self.path = path
        self.context = context
        caching = traits.caching
        alignment = traits.alignment
        isInMemory = traits.isInMemory
        isLocal = traits.isLocal
        isAppending = traits.isAppending
        lease = DescriptorLease(
            descriptor, ownsDescriptor: ownsDescriptor, closesWithoutWaiting: traits.closesWithoutWaiting,
            keepsToOneLoop: traits.isAppending)
    }

    deinit { lease.close() }

    /// Calls `body` with the descriptor, for system calls that this class does not offer.
    ///
    /// - Parameter body: gets the descriptor, or -1 once the file is closed. The descriptor stays open until `body`
    ///   returns; after that only as long as the file.
    /// - Returns: what `body` returned.
    /// - Throws: what `body` throws.
    public func withUnsafeDescriptor<R>(_ body: (FileDescriptor) throws -> R) rethrows -> R {
        let isHeld = lease.beginUse()
        defer { if isHeld { lease.endUse() } }
        return try body(FileDescriptor(rawValue: isHeld ? lease.descriptor : -1))
    }
}

internal import AIOEngine
internal import CAIOShims
internal import Glibc
public import SystemPackage

/// An open file whose reads and writes are the kernel's own AIO.
///
/// Any number of tasks may use it at once; operations run concurrently and may end in any order. Dropping the
/// last reference closes the descriptor, on another thread where that may wait; ``close()`` does it now, and
/// tells of an error.
///
/// A **direct** file bypasses the page cache: each read is one `IOCB_CMD_PREAD` that the device serves while
/// no thread waits. A **buffered** one is answered from the page cache on the spot where that can be, and by
/// a lane thread of the context where not, as the kernel would block in io_submit(2).
public final class AIOFile: Sendable {
    /// Whether the page cache takes part.
    public enum Caching: Sendable {
        /// Through the page cache.
        case buffered
        /// Past it: `O_DIRECT`.
        case direct
    }

    /// The path it was opened by; nil for a descriptor that was handed over.
    public let path: FilePath?
    /// The context that does its I/O.
    public let context: AIOContext
    /// Whether the page cache takes part, as the file was opened or taken over.
    public let caching: Caching
    /// What direct I/O has to be aligned to, in bytes: addresses, and offsets and counts. 1 and 1 when buffered.
    ///
    /// Reads need not keep to it, they are widened; direct writes must.
    public let alignment: (memory: Int, offset: Int)
    let lease: DescriptorLease
    /// No call on it waits for a disk: tmpfs and its like.
    let isInMemory: Bool
    /// On a disk of this machine, or in its memory: what the kernel knows of an open file it tells without a wait.
    let isLocal: Bool
    /// O_APPEND: where a write says it goes has no meaning.
    let isAppending: Bool

    /// Takes over an open descriptor: fstat(2), fstatfs(2), fcntl(2) and, on a direct file, statx(2) on the calling
    /// thread, to learn what it is.
    ///
    /// - Parameters:
    ///   - descriptor: open; on a regular file, a block device, or anything that preadv2(2) takes.
    ///   - closesOnDeinit: whether the file owns it, and closes it in the end.
    ///   - caching: nil for what the descriptor has; otherwise O_DIRECT is switched on or off on it (fcntl(2)),
    ///     for all who share it.
    ///   - context: does the I/O; nil for ``AIOContext/shared``.
    /// - Throws: ``AIOError/Code/badDescriptor``, ``AIOError/Code/unsupported`` when the file cannot be direct,
    ///   and what ``AIOContext/shared`` throws. The descriptor is then still yours.
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
            descriptor, ownsDescriptor: ownsDescriptor, closesWithoutWaiting: traits.closesWithoutWaiting)
    }

    deinit { lease.close() }

    /// The descriptor, for calls that this class has not. It stays open inside `body`; beyond that only while
    /// the file does. Once the file is closed it is -1.
    ///
    /// - Throws: what `body` throws.
    public func withUnsafeDescriptor<R>(_ body: (FileDescriptor) throws -> R) rethrows -> R {
        let isHeld = lease.beginUse()
        defer { if isHeld { lease.endUse() } }
        return try body(FileDescriptor(rawValue: isHeld ? lease.descriptor : -1))
    }
}

internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import Synchronization
public import SystemPackage

/// Bytes that come and go in order and have no offsets: a pipe, a FIFO, a socket, a terminal.
///
/// What is ready is transferred on the spot, by a call that does not wait. Otherwise an `IOCB_CMD_POLL`
/// waits in the kernel until there is something, and no thread does. Nothing about the descriptor is changed,
/// `O_NONBLOCK` neither, which would hold for everyone who shares it. What can be asked not to wait is, by
/// preadv2(2) and pwritev2(2) with `RWF_NOWAIT` or, on a socket, recv(2) and send(2) with
/// `MSG_DONTWAIT`; the rest (terminals, pipes before Linux 6.5) is read and written by a lane thread once it
/// is ready. On a regular file a stream reads and writes at the descriptor's own position, on a lane thread where
/// the page cache does not suffice.
///
/// Several tasks may read, or write, at once: each gets what it gets, and their bytes may mix. A write whose other
/// end is gone throws, and raises no SIGPIPE.
public final class AIOStream: Sendable {
    /// The context that does its I/O.
    public let context: AIOContext
    let lease: DescriptorLease
    let kind: Kind
    /// Polls in the kernel, for ``close()`` to end.
    let waits = Mutex<[ObjectIdentifier: CancellationHandle]>([:])

    enum Kind {
        case socket
        /// A regular file or a block device: always ready, and yet a read of it may wait for the disk.
        case file
        case other
    }

    /// Takes over an open descriptor: fstat(2) on the calling thread.
    ///
    /// - Parameters:
    ///   - descriptor: of anything that can be read or written from front to back.
    ///   - closesOnDeinit: whether the stream owns it, and closes it in the end.
    ///   - context: does the I/O; nil for ``AIOContext/shared``.
    /// - Throws: ``AIOError/Code/badDescriptor``, ``AIOError/Code/isDirectory``, and what ``AIOContext/shared``
    ///   throws. The descriptor is then still yours.
    public init(_ descriptor: FileDescriptor, closesOnDeinit: Bool, on context: AIOContext? = nil) throws {
        let details = ErrorDetails("taking over descriptor \(descriptor.rawValue)")
        var information = caio_file_info()
        let result = caio_file_information(descriptor.rawValue, &information)
        guard result >= 0 else { throw details.error(Errno(rawValue: -result)) }
        switch information.mode & S_IFMT {
        case S_IFDIR: throw details.error(.isDirectory)
        case S_IFSOCK: kind = .socket
        case S_IFREG, S_IFBLK: kind = .file
        default: kind = .other
        }
        self.context = try context ?? .shared
        lease = DescriptorLease(descriptor.rawValue, ownsDescriptor: closesOnDeinit)
    }

    deinit { lease.close() }

    /// Standard input, on ``AIOContext/shared``; it stays open when the stream goes.
    ///
    /// - Throws: as ``init(_:closesOnDeinit:on:)``.
    public static var standardInput: AIOStream {
        get throws { try AIOStream(.standardInput, closesOnDeinit: false) }
    }

    /// Standard output, likewise.
    ///
    /// - Throws: as ``init(_:closesOnDeinit:on:)``.
    public static var standardOutput: AIOStream {
        get throws { try AIOStream(.standardOutput, closesOnDeinit: false) }
    }

    /// Standard error, likewise.
    ///
    /// - Throws: as ``init(_:closesOnDeinit:on:)``.
    public static var standardError: AIOStream {
        get throws { try AIOStream(.standardError, closesOnDeinit: false) }
    }

    /// Ends the waits of reads and writes, which then throw ``AIOError/Code/closed``, and closes the
    /// descriptor if the stream owns it: close(2), on a thread that may block.
    ///
    /// Idempotent. Being cancelled does not cut it short.
    ///
    /// - Throws: what close(2) found.
    public func close() async throws {
        let details = ErrorDetails("close")
        guard context.engine.belongsToThisProcess else { throw details.error(Outcome.forked) }
        let result = await withUnsafeContinuation { continuation in
            lease.close { continuation.resume(returning: $0) }
            // The lease is marked as closed: a wait that is registered from here on finds that itself.
            for wait in waits.withLock({ Array($0.values) }) { wait.cancel() }
        }
        _ = try Outcome(result).get(details)
    }
}

internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import Synchronization
public import SystemPackage

/// A descriptor whose bytes come in order and have no offsets: a pipe, a FIFO, a socket, a terminal.
///
/// If the descriptor is ready, a transfer is done inline, by a call that does not wait: preadv2(2) or pwritev2(2) with
/// `RWF_NOWAIT` or, on a socket, recv(2) or send(2) with `MSG_DONTWAIT`. Otherwise an `IOCB_CMD_POLL` waits in the
/// kernel until the descriptor is ready, and no thread does. The descriptor's flags are not changed: `O_NONBLOCK` would
/// apply to everyone who shares the descriptor. Where no such call exists (terminals, pipes before Linux 6.5), a
/// blocking thread reads and writes once the descriptor is ready. On a regular file a stream reads and writes at the
/// descriptor's own position, on a blocking thread where the page cache does not have the bytes.
///
/// Several tasks may read, or write, at once. Which task reads which bytes is then undefined, and the bytes of
/// concurrent writes may mix. A write whose other end is closed throws, and raises no SIGPIPE.
public final class AIOStream: Sendable {
    /// The context that does the stream's I/O.
    public let context: AIOContext
    let lease: DescriptorLease
    let kind: Kind
    /// The waits for readiness, for ``close()`` to cancel.
    let waits = Mutex<[ObjectIdentifier: CancellationHandle]>([:])

    enum Kind {
        case socket
        /// A regular file or a block device: always ready, although a read may wait for the disk.
        case file
        case other
    }

    /// Takes over an open descriptor: fstat(2) on the calling thread.
    ///
    /// - Parameters:
    ///   - descriptor: an open descriptor of anything that can be read or written sequentially.
    ///   - closesOnDeinit: whether the stream owns the descriptor, and closes it when its last reference is dropped.
    ///   - context: does the I/O; nil for ``AIOContext/shared``.
    /// - Throws: ``AIOError/Code/badDescriptor``, ``AIOError/Code/isDirectory``, and what ``AIOContext/shared``
    ///   throws. The caller then still owns the descriptor.
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

    /// Standard input, on ``AIOContext/shared``; the descriptor stays open when the stream is dropped.
    ///
    /// - Throws: as ``init(_:closesOnDeinit:on:)``.
    public static var standardInput: AIOStream {
        get throws { try AIOStream(.standardInput, closesOnDeinit: false) }
    }

    /// Standard output, on ``AIOContext/shared``; the descriptor stays open when the stream is dropped.
    ///
    /// - Throws: as ``init(_:closesOnDeinit:on:)``.
    public static var standardOutput: AIOStream {
        get throws { try AIOStream(.standardOutput, closesOnDeinit: false) }
    }

    /// Standard error, on ``AIOContext/shared``; the descriptor stays open when the stream is dropped.
    ///
    /// - Throws: as ``init(_:closesOnDeinit:on:)``.
    public static var standardError: AIOStream {
        get throws { try AIOStream(.standardError, closesOnDeinit: false) }
    }

    /// Cancels the waits of reads and writes, which then throw ``AIOError/Code/closed``, and closes the descriptor if
    /// the stream owns it: close(2), on a thread that may block.
    ///
    /// Idempotent. Task cancellation does not cut it short.
    ///
    /// - Throws: the error of close(2); ``AIOError/Code/forked`` in a forked child.
    public func close() async throws {
        let details = ErrorDetails("close")
        guard context.engine.belongsToThisProcess else { throw details.error(Outcome.forked) }
        let result = await withUnsafeContinuation { continuation in
            lease.close { continuation.resume(returning: $0) }
            // The lease is marked as closed: a wait that is registered after this line checks the mark itself.
            for wait in waits.withLock({ Array($0.values) }) { wait.cancel() }
        }
        _ = try Outcome(result).get(details)
    }
}

internal import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Glibc
public import SystemPackage

/// One asynchronous read, write or fsync as POSIX has it: `struct aiocb` and the calls on it, without C.
///
/// ```swift
/// let request = POSIXRequest(reading: file, at: 0, into: RequestBuffer(count: 4096))
/// try request.submit()
/// try POSIXRequest.suspend([request])
/// let result = try request.result()      // result.count, result.buffer
/// ```
/// It is made, submitted once, and its result is taken once. While it is under way it keeps itself and its
/// buffer; the descriptor is the caller's, who keeps it open until then.
public final class POSIXRequest: Sendable {
    /// What a request came to, and the memory it was given.
    public struct Result: ~Copyable, Sendable {
        /// Bytes read or written; 0 for an fsync.
        public let count: Int
        /// Empty for an fsync.
        public let buffer: RequestBuffer
    }

    private struct Life: ~Copyable {
        var isSubmitted = false
        var buffer: RequestBuffer?
    }

    /// The file that it is for.
    public let descriptor: FileDescriptor
    private let kind: RequestDescription.Kind
    private let offset: Int64
    private let priority: Int32
    private let notification: RequestNotification
    private let stateAddress: UInt
    private let life: ForkSafeMutex<Life>

    private init(
        _ kind: RequestDescription.Kind, _ descriptor: FileDescriptor, at offset: Int64,
        _ buffer: consuming RequestBuffer, priority: Int, _ notification: RequestNotification
    ) {
        self.kind = kind
        self.descriptor = descriptor
        self.offset = offset
        self.priority = Int32(clamping: priority)
        self.notification = notification
        let state = UnsafeMutablePointer<pxa_state>.allocate(capacity: 1)
        state.initialize(to: pxa_state())
        stateAddress = UInt(bitPattern: state)
        life = ForkSafeMutex(Life(buffer: consume buffer))
    }

    deinit { state.deallocate() }

    /// A read: aio_read(3). What is there of `buffer.count` bytes at `offset`; pipes, sockets and terminals ignore
    /// the offset.
    ///
    /// - Parameter priority: 0 … 20; higher means later among those that wait for the same stream.
    public convenience init(
        reading descriptor: FileDescriptor, at offset: Int64, into buffer: consuming RequestBuffer, priority: Int = 0,
        notification: RequestNotification = .none
    ) { self.init(.read, descriptor, at: offset, buffer, priority: priority, notification) }

    /// A write: aio_write(3). At the end, in the order of submission, where the file was opened for appending.
    public convenience init(
        writing buffer: consuming RequestBuffer, to descriptor: FileDescriptor, at offset: Int64, priority: Int = 0,
        notification: RequestNotification = .none
    ) { self.init(.write, descriptor, at: offset, buffer, priority: priority, notification) }

    /// An fsync, or fdatasync with `dataOnly`, after all requests on the descriptor that were submitted before:
    /// aio_fsync(3).
    public convenience init(
        synchronizing descriptor: FileDescriptor, dataOnly: Bool = false, notification: RequestNotification = .none
    ) {
        self.init(
            .synchronize(dataOnly: dataOnly), descriptor, at: 0, RequestBuffer(count: 0), priority: 0, notification)
    }

    var state: UnsafeMutablePointer<pxa_state> { UnsafeMutablePointer(bitPattern: stateAddress)! }

    // MARK: What became of it

    /// Where it stands: aio_error(3). No lock on the way.
    public var status: RequestStatus {
        if life.withLock({ !$0.isSubmitted }) { return .notSubmitted }
        switch pxa_error(state) {
        case EINPROGRESS: return .inProgress
        case 0: return .completed
        case ECANCELED: return .cancelled
        case let error: return .failed(Errno(rawValue: error))
        }
    }

    /// The result, and the buffer back, once: aio_return(3).
    ///
    /// - Throws: ``RequestError/inProgress``, ``RequestError/notSubmitted``, ``RequestError/resultTaken``; what the
    ///   I/O failed with as ``RequestError/system(_:)``, `ECANCELED` for one that was cancelled.
    public func result() throws(RequestError) -> Result {
        switch status {
        case .notSubmitted: throw .notSubmitted
        case .inProgress: throw .inProgress
        case .completed, .cancelled, .failed: break
        }
        guard let buffer = life.withLock({ $0.buffer.take() }) else { throw .resultTaken }
        let error = pxa_error(state)
        guard error == 0 else { throw .system(Errno(rawValue: error)) }
        return Result(count: pxa_value(state), buffer: buffer)
    }

    // MARK: Submitting

    /// Gives it to the kernel, or to the queue of its descriptor. Never blocks.
    ///
    /// - Throws: ``RequestError/alreadySubmitted``; `EINVAL` for a priority that is none, `EBADF` for an fsync of
    ///   what is not open for writing, `EAGAIN` where kernel AIO is not to be had. All else is the status.
    public func submit() throws(RequestError) {
        let service = try Self.service()
        service.submit(try prepare(in: nil))
    }

    static func service() throws(RequestError) -> RequestService {
        do { return try RequestService.shared() } catch { throw .system(.resourceTemporarilyUnavailable) }
    }

    /// What is asked for, with this as its owner.
    func prepare(in group: RequestGroup?) throws(RequestError) -> RequestDescription {
        guard RequestDescription.priorities.contains(priority) else { throw .system(.invalidArgument) }
        if case .synchronize = kind {
            var found = pxa_descriptor()
            guard pxa_look(descriptor.rawValue, &found) == 0, found.writable else {
                throw .system(.badFileDescriptor)
            }
        }
        let memory = life.withLock { life -> (address: UInt, count: Int)? in
            guard !life.isSubmitted else { return nil }
            life.isSubmitted = true
            pxa_begin(state)
            return (life.buffer?.location ?? 0, life.buffer?.count ?? 0)
        }
        guard let memory else { throw .alreadySubmitted }
        return RequestDescription(
            kind, descriptor: descriptor.rawValue, buffer: UnsafeMutableRawPointer(bitPattern: memory.address),
            count: memory.count, offset: offset, priority: priority, state: state, notification: notification.native,
            group: group, owner: self)
    }
}

extension RequestBuffer {
    fileprivate var location: UInt { UInt(bitPattern: address) }
}

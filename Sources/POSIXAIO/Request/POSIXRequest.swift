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
/// A request is made, submitted once, and its result is taken once. While it is in progress it keeps itself and its
/// buffer alive; the caller keeps the descriptor open until it has completed.
public final class POSIXRequest: Sendable {
    /// The result of a request that succeeded, and the memory that it was given.
    public struct Result: ~Copyable, Sendable {
        /// Bytes read or written; 0 for an fsync.
        public let count: Int
        /// Empty for an fsync.
        public let buffer: RequestBuffer
    }

    private struct Progress: ~Copyable {
        var isSubmitted = false
        var buffer: RequestBuffer?
    }

    /// The file that the request is for.
    public let descriptor: FileDescriptor
    private let kind: RequestDescription.Kind
    private let offset: Int64
    private let priority: Int32
    private let notification: RequestNotification
    private let stateAddress: UInt
    private let progress: ForkSafeMutex<Progress>

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
        progress = ForkSafeMutex(Progress(buffer: consume buffer))
    }

    deinit { state.deallocate() }

    /// Makes a read: aio_read(3).
    ///
    /// It reads up to `buffer.count` bytes at `offset`, fewer at the end of the file. Pipes, sockets and terminals ignore
    /// the offset.
    ///
    /// - Parameters:
    ///   - offset: in bytes.
    ///   - priority: 0 … 20; higher means later among the requests that wait for the same stream.
    ///   - notification: what is to happen when the request has completed.
    public convenience init(
        reading descriptor: FileDescriptor, at offset: Int64, into buffer: consuming RequestBuffer, priority: Int = 0,
        notification: RequestNotification = .none
    ) { self.init(.read, descriptor, at: offset, buffer, priority: priority, notification) }

    /// Makes a write: aio_write(3).
    ///
    /// Where the file was opened for appending it writes at the end, in the order of submission.
    ///
    /// - Parameters:
    ///   - offset: in bytes.
    ///   - priority: 0 … 20; higher means later among the requests that wait for the same stream.
    ///   - notification: what is to happen when the request has completed.
    public convenience init(
        writing buffer: consuming RequestBuffer, to descriptor: FileDescriptor, at offset: Int64, priority: Int = 0,
        notification: RequestNotification = .none
    ) { self.init(.write, descriptor, at: offset, buffer, priority: priority, notification) }

    /// Makes an fsync(2), or an fdatasync(2) with `dataOnly`: aio_fsync(3).
    ///
    /// It runs after all requests on the descriptor that were submitted before it.
    public convenience init(
        synchronizing descriptor: FileDescriptor, dataOnly: Bool = false, notification: RequestNotification = .none
    ) {
        self.init(
            .synchronize(dataOnly: dataOnly), descriptor, at: 0, RequestBuffer(count: 0), priority: 0, notification)
    }

    var state: UnsafeMutablePointer<pxa_state> { UnsafeMutablePointer(bitPattern: stateAddress)! }

    // MARK: Status and result

    /// How far the request has got: aio_error(3).
    public var status: RequestStatus {
        if progress.withLock({ !$0.isSubmitted }) { return .notSubmitted }
        switch pxa_error(state) {
        case EINPROGRESS: return .inProgress
        case 0: return .completed
        case ECANCELED: return .cancelled
        case let error: return .failed(Errno(rawValue: error))
        }
    }

    /// Returns the result and gives the buffer back, once: aio_return(3).
    ///
    /// - Throws: ``RequestError/inProgress``, ``RequestError/notSubmitted``, ``RequestError/resultTaken``; the error of
    ///   the I/O as ``RequestError/system(_:)``, `ECANCELED` for a request that was cancelled.
    public func result() throws(RequestError) -> Result {
        switch status {
        case .notSubmitted: throw .notSubmitted
        case .inProgress: throw .inProgress
        case .completed, .cancelled, .failed: break
        }
        guard let buffer = progress.withLock({ $0.buffer.take() }) else { throw .resultTaken }
        let error = pxa_error(state)
        guard error == 0 else { throw .system(Errno(rawValue: error)) }
        return Result(count: pxa_value(state), buffer: buffer)
    }

    // MARK: Submitting

    /// Submits the request: to the kernel, or to the queue of its descriptor. Does not wait for the I/O.
    ///
    /// - Throws: ``RequestError/alreadySubmitted``; `EINVAL` for a priority out of range, `EBADF` for an fsync of a
    ///   descriptor that is not open for writing, `EAGAIN` where kernel AIO is not available. Every other error becomes
    ///   the status.
    public func submit() throws(RequestError) {
        let service = try Self.service()
        service.submit(try prepare(in: nil))
    }

    static func service() throws(RequestError) -> RequestService {
        do { return try RequestService.shared() } catch { throw .system(.resourceTemporarilyUnavailable) }
    }

    /// Marks the request as submitted and describes it, with itself as the owner.
    func prepare(in group: RequestGroup?) throws(RequestError) -> RequestDescription {
        guard RequestDescription.priorities.contains(priority) else { throw .system(.invalidArgument) }
        if case .synchronize = kind {
            var found = pxa_descriptor()
            guard pxa_look(descriptor.rawValue, &found) == 0, found.writable else {
                throw .system(.badFileDescriptor)
            }
        }
        let memory = progress.withLock { progress -> (address: UInt, count: Int)? in
            guard !progress.isSubmitted else { return nil }
            progress.isSubmitted = true
            pxa_begin(state)
            return (progress.buffer?.location ?? 0, progress.buffer?.count ?? 0)
        }
        guard let memory else { throw .alreadySubmitted }
        return RequestDescription(
            kind, descriptor: descriptor.rawValue, buffer: UnsafeMutableRawPointer(bitPattern: memory.address),
            count: memory.count, offset: offset, priority: priority, state: state, notification: notification.native,
            group: group, owner: self)
    }
}

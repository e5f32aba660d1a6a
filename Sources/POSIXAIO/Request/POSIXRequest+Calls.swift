internal import CPOSIXAIO
internal import Glibc
public import SystemPackage

extension POSIXRequest {
    /// Waits until one of the requests has completed: aio_suspend(3). It blocks the calling thread.
    ///
    /// - Parameters:
    ///   - requests: nil entries are skipped; with no other kind of entry the call returns at once.
    ///   - timeout: how long to wait; nil for no limit.
    /// - Throws: ``RequestError/timedOut``, ``RequestError/interrupted``; ``RequestError/notSubmitted`` for a
    ///   request that could never complete.
    public static func suspend(_ requests: [POSIXRequest?], timeout: Duration? = nil) throws(RequestError) {
        for case let request? in requests where request.status == .notSubmitted { throw .notSubmitted }
        let states = requests.map { $0.map { UnsafeRawPointer($0.state) } }
        var limit = timespec()
        if let timeout {
            let (seconds, attoseconds) = max(timeout, .zero).components
            limit = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        }
        let error = withUnsafePointer(to: limit) { limit in
            pxa_suspend(states, Int32(clamping: states.count), 0, timeout == nil ? nil : limit)
        }
        withExtendedLifetime(requests) {}
        switch error {
        case 0: return
        case EAGAIN: throw .timedOut
        case EINTR: throw .interrupted
        default: throw .system(Errno(rawValue: error))
        }
    }

    /// Cancels this request if it can be cancelled: aio_cancel(3). A read, write or fsync that the kernel has goes on.
    ///
    /// - Throws: ``RequestError/notSubmitted``.
    public func cancel() throws(RequestError) -> CancellationOutcome {
        switch status {
        case .notSubmitted: throw .notSubmitted
        case .inProgress: return try Self.service().cancel(state, on: descriptor.rawValue)
        case .completed, .cancelled, .failed: return .allDone
        }
    }

    /// Cancels those of the descriptor's requests that can be cancelled: aio_cancel(3) without a control block.
    ///
    /// - Throws: `EBADF`.
    public static func cancelAll(on descriptor: FileDescriptor) throws(RequestError) -> CancellationOutcome {
        var found = pxa_descriptor()
        guard pxa_look(descriptor.rawValue, &found) == 0 else { throw .system(.badFileDescriptor) }
        return try service().cancel(nil, on: descriptor.rawValue)
    }

    /// How a list is submitted.
    public enum ListMode: Sendable {
        /// Return when all have completed.
        case wait
        /// Return at once, and notify when all have completed.
        case noWait(RequestNotification = .none)
    }

    /// Submits several requests, in as few calls of io_submit(2) as possible: lio_listio(3). nil entries are skipped.
    ///
    /// - Throws: `EIO` when one of the requests that were waited for failed (their statuses say which),
    ///   ``RequestError/interrupted`` when a signal ended the wait (the requests go on), and what ``submit()`` throws,
    ///   for the first request that it refuses: those before it are submitted, those after it are not.
    public static func submit(_ list: [POSIXRequest?], _ mode: ListMode = .wait) throws(RequestError) {
        let service = try service()
        let requests = list.compactMap { $0 }
        let notification: RequestNotification = if case .noWait(let chosen) = mode { chosen } else { .none }
        guard !requests.isEmpty else {
            withUnsafePointer(to: notification.native) { pxa_notify($0) }
            return
        }
        let group = RequestGroup(count: Int32(clamping: requests.count), notification: notification.native)
        var descriptions: [RequestDescription] = []
        var refused: RequestError?
        for request in requests {
            do throws(RequestError) {
                descriptions.append(try request.prepare(in: group))
            } catch {
                refused = error
                break
            }
        }
        // The group must not wait for requests that were not submitted.
        group.leave(Int32(requests.count - descriptions.count))
        service.submit(descriptions)
        if case .wait = mode, !descriptions.isEmpty {
            guard group.wait() else { throw .interrupted }
            if refused == nil, group.hasFailed { throw .system(.ioError) }
        }
        if let refused { throw refused }
    }

    /// Sets the number of blocking threads and of requests in the kernel at once, for a process that has submitted
    /// nothing yet: aio_init of glibc. 0 leaves the default (20 and 256).
    public static func configure(threads: Int = 0, requests: Int = 0) {
        RequestService.configure(threads: threads, requests: requests)
    }
}

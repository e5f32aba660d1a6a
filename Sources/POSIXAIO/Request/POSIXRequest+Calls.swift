internal import CPOSIXAIO
internal import Glibc
public import SystemPackage

extension POSIXRequest {
    /// Waits until one of the requests has ended: aio_suspend(3). nil entries are skipped; with no other kind of
    /// entry it returns at once.
    ///
    /// - Parameter timeout: nil for ever.
    /// - Throws: ``RequestError/timedOut``, ``RequestError/interrupted``; ``RequestError/notSubmitted`` for a
    ///   request that could never end.
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

    /// Cancels this request if it can be: aio_cancel(3). What the kernel has, it keeps.
    ///
    /// - Throws: ``RequestError/notSubmitted``.
    public func cancel() throws(RequestError) -> CancellationOutcome {
        switch status {
        case .notSubmitted: throw .notSubmitted
        case .inProgress: return try Self.service().cancel(state, on: descriptor.rawValue)
        case .completed, .cancelled, .failed: return .allDone
        }
    }

    /// Cancels what it can of the descriptor's requests.
    ///
    /// - Throws: `EBADF`.
    public static func cancelAll(on descriptor: FileDescriptor) throws(RequestError) -> CancellationOutcome {
        var found = pxa_descriptor()
        guard pxa_look(descriptor.rawValue, &found) == 0 else { throw .system(.badFileDescriptor) }
        return try service().cancel(nil, on: descriptor.rawValue)
    }

    /// How a list is submitted.
    public enum ListMode: Sendable {
        /// Return when all have ended.
        case wait
        /// Return at once, and tell when all have ended.
        case noWait(RequestNotification = .none)
    }

    /// Submits several, in as few calls of io_submit(2) as can be: lio_listio(3). nil entries are skipped.
    ///
    /// - Throws: `EIO` when one of those that were waited for failed (look at their status),
    ///   ``RequestError/interrupted`` when a signal ended the wait (they go on), and what ``submit()`` throws, for
    ///   the first request that is not fit: those before it are submitted, none behind it.
    public static func submit(_ list: [POSIXRequest?], _ mode: ListMode = .wait) throws(RequestError) {
        let service = try service()
        let requests = list.compactMap { $0 }
        let notification: RequestNotification = if case .noWait(let told) = mode { told } else { .none }
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
        // What is not submitted is not waited for.
        group.leave(Int32(requests.count - descriptions.count))
        service.submit(descriptions)
        if case .wait = mode, !descriptions.isEmpty {
            guard group.wait() else { throw .interrupted }
            if refused == nil, group.hasFailed { throw .system(.ioError) }
        }
        if let refused { throw refused }
    }

    /// How many threads for what would block, and how many requests in the kernel at once, for a process that has
    /// submitted nothing yet: aio_init of glibc. 0 leaves the default (20 and 256).
    public static func configure(threads: Int = 0, requests: Int = 0) {
        RequestService.configure(threads: threads, requests: requests)
    }
}

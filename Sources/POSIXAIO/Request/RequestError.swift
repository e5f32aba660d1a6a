public import SystemPackage

/// What is wrong with a call; what became of the I/O itself is a request's ``POSIXRequest/status``.
public enum RequestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The request was not submitted yet: call `submit()`.
    case notSubmitted
    /// It was submitted before; a request is for one use.
    case alreadySubmitted
    /// It has not ended: `suspend` waits for it.
    case inProgress
    /// Its result was taken before.
    case resultTaken
    /// The time was over (EAGAIN of aio_suspend).
    case timedOut
    /// A signal was handled meanwhile (EINTR).
    case interrupted
    /// The system's word: EINVAL, EBADF, EAGAIN.
    case system(Errno)

    /// A sentence.
    public var description: String {
        switch self {
        case .notSubmitted: "the request was not submitted yet"
        case .alreadySubmitted: "the request was submitted before; make a new one"
        case .inProgress: "the request has not ended; suspend waits for it"
        case .resultTaken: "the request's result was taken before"
        case .timedOut: "no request ended within the time"
        case .interrupted: "a signal came before a request ended"
        case .system(let errno): "\(errno)"
        }
    }
}

/// Where a request stands: aio_error(3).
public enum RequestStatus: Hashable, Sendable {
    case notSubmitted, inProgress, completed, cancelled
    case failed(Errno)
}

/// How the end of a request, or of a list, is told: `struct sigevent`.
public enum RequestNotification: Sendable {
    case none
    /// A queued signal with `SI_ASYNCIO` and this value.
    case signal(Int32, value: Int)
    /// A call on a thread that has all signals blocked. It may be the completion thread's neighbour, and may block.
    case callback(@Sendable () -> Void)
}

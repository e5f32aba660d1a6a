public import SystemPackage

/// Says what is wrong with a call. How the I/O itself went is a request's ``POSIXRequest/status``.
public enum RequestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The request was not submitted yet: call `submit()`.
    case notSubmitted
    /// The request was submitted before; a request is for one use.
    case alreadySubmitted
    /// The request has not completed: `suspend` waits for it.
    case inProgress
    /// The result of the request was taken before.
    case resultTaken
    /// No request completed within the time limit (EAGAIN of aio_suspend).
    case timedOut
    /// A signal was handled before a request completed (EINTR).
    case interrupted
    /// The system's error: EINVAL, EBADF, EAGAIN …
    case system(Errno)

    /// A sentence.
    public var description: String {
        switch self {
        case .notSubmitted: "the request was not submitted yet"
        case .alreadySubmitted: "the request was submitted before; make a new one"
        case .inProgress: "the request has not completed; suspend waits for it"
        case .resultTaken: "the request's result was taken before"
        case .timedOut: "no request completed within the time limit"
        case .interrupted: "a signal was handled before a request completed"
        case .system(let errno): "\(errno)"
        }
    }
}

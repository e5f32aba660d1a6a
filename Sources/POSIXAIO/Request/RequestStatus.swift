public import SystemPackage

/// How far a request has got: aio_error(3).
public enum RequestStatus: Hashable, Sendable {
    case notSubmitted, inProgress, completed, cancelled
    case failed(Errno)
}

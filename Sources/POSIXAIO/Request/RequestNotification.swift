/// How the completion of a request, or of a list, is notified: `struct sigevent`.
public enum RequestNotification: Sendable {
    case none
    /// A queued signal with `SI_ASYNCIO` and this value.
    case signal(Int32, value: Int)
    /// A call on a thread of its own that has all signals blocked. The body may block.
    case callback(@Sendable () -> Void)
}

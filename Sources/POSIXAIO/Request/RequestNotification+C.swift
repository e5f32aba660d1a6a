internal import CPOSIXAIO

extension RequestNotification {
    /// The notification in C's form.
    ///
    /// A callback travels as a retained box. The thread that calls it releases the box, or `pxa_notify` does if that
    /// thread cannot be started.
    var native: pxa_notification {
        var native = pxa_notification.none
        switch self {
        case .none: break
        case .signal(let number, let value):
            native.kind = Int32(PXA_NOTIFY_SIGNAL)
            native.signal = number
            native.value = UnsafeMutableRawPointer(bitPattern: value)
        case .callback(let body):
            native.kind = Int32(PXA_NOTIFY_THREAD)
            native.value = Unmanaged.passRetained(Callback(body)).toOpaque()
            native.function = { Unmanaged<Callback>.fromOpaque($0!).takeRetainedValue().body() }
            native.release = { Unmanaged<Callback>.fromOpaque($0!).release() }
        }
        return native
    }
}

private final class Callback: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

internal import CPOSIXAIO

extension RequestNotification {
    /// As C has it. A callback travels as a retained box, which the thread that calls it lets go of, or
    /// whoever finds that there can be no thread.
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
            native.abandon = { Unmanaged<Callback>.fromOpaque($0!).release() }
        }
        return native
    }
}

private final class Callback: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

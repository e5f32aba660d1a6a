package import CPOSIXAIO

extension pxa_notification {
    /// No notification.
    package static var none: pxa_notification {
        var none = pxa_notification()
        none.kind = Int32(PXA_NOTIFY_NONE)
        return none
    }
}

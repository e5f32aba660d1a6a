package import CPOSIXAIO

/// One request as it comes in, from a C control block or from Swift.
package struct RequestDescription: @unchecked Sendable {
    // Sendable by hand: what it points to is the request's own until that has ended.
    package enum Kind: Sendable, Equatable {
        case read, write
        case synchronize(dataOnly: Bool)
        /// No operation: it ends in EINVAL.
        case unknown
    }

    package var kind: Kind
    package var descriptor: Int32
    package var buffer: UnsafeMutableRawPointer?
    package var count: Int
    package var offset: Int64
    /// `aio_reqprio`, 0 … 20: higher means later.
    package var priority: Int32
    /// Where its end is written. It has to stay until then, and is not touched afterwards.
    package var state: UnsafeMutablePointer<pxa_state>
    package var notification: pxa_notification
    /// The list that it was submitted with, if somebody is to hear of the whole.
    package var group: RequestGroup?
    /// Kept until the request has ended, with all that the pointers above point to.
    package var owner: AnyObject?

    package init(
        _ kind: Kind, descriptor: Int32, buffer: UnsafeMutableRawPointer?, count: Int, offset: Int64, priority: Int32,
        state: UnsafeMutablePointer<pxa_state>, notification: pxa_notification, group: RequestGroup? = nil,
        owner: AnyObject? = nil
    ) {
        self.kind = kind
        self.descriptor = descriptor
        self.buffer = buffer
        self.count = count
        self.offset = offset
        self.priority = priority
        self.state = state
        self.notification = notification
        self.group = group
        self.owner = owner
    }

    /// The priorities that a request may have.
    package static var priorities: ClosedRange<Int32> { 0...Int32(PXA_LOWEST_PRIORITY) }
}

extension pxa_notification {
    /// Nobody is told.
    package static var none: pxa_notification {
        var none = pxa_notification()
        none.kind = Int32(PXA_NOTIFY_NONE)
        return none
    }
}

package import CPOSIXAIO

/// One request as it is submitted, from a C control block or from Swift.
package struct RequestDescription: @unchecked Sendable {
    // Unchecked: until the request has completed, what the pointers point to belongs to it.
    package enum Kind: Sendable, Equatable {
        case read, write
        case synchronize(dataOnly: Bool)
        /// No operation: the request fails with EINVAL.
        case unknown
    }

    package var kind: Kind
    package var descriptor: Int32
    package var buffer: UnsafeMutableRawPointer?
    package var count: Int
    package var offset: Int64
    /// `aio_reqprio`, 0 … 20: higher means later.
    package var priority: Int32
    /// Where the outcome is written. The memory has to stay valid until then, and is not touched afterwards.
    package var state: UnsafeMutablePointer<pxa_state>
    package var notification: pxa_notification
    /// The list that the request was submitted with, if the list as a whole is waited for or notified.
    package var group: RequestGroup?
    /// Kept alive until the request has completed: the owner of the memory behind the pointers above.
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

package import AIOKernel

/// One operation, as its caller describes it. Its waiter and completion are given to ``Engine/start(_:for:then:)``.
///
/// `memory` and `lease` are not retained: the waiter keeps them alive until its completion is called. When a waiter
/// leaves early, the slot takes them over. Plain words, which cost the hot path nothing.
package struct Operation {
    package var block: ControlBlock
    package var kind: OperationKind
    package var route: Route
    package var policy: CancelPolicy
    /// Owns what the kernel needs until the operation completes.
    package var memory: Unmanaged<AnyObject>?
    package var lease: Unmanaged<DescriptorLease>?

    package init(
        _ block: ControlBlock, kind: OperationKind, route: Route, policy: CancelPolicy,
        memory: Unmanaged<AnyObject>? = nil, lease: Unmanaged<DescriptorLease>? = nil
    ) {
        self.block = block
        self.kind = kind
        self.route = route
        self.policy = policy
        self.memory = memory
        self.lease = lease
    }
}

/// What an operation is, for the statistics.
package enum OperationKind: UInt8, CaseIterable, Sendable {
    case read, write, synchronize, poll, open, close, metadata
}

/// What cancellation does to an operation that the kernel has and will not give back.
package enum CancelPolicy: UInt8, Sendable {
    /// The waiter is resumed at once; memory and descriptor stay with the slot until the operation completes.
    case abandon
    /// The waiter is resumed when the operation completes, since its memory is being written, and then as cancelled.
    case waitThenCancel
    /// The waiter is resumed with what really happened: the bytes are in the file.
    case report
}

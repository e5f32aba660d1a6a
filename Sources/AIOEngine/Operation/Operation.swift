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

internal import AIOKernel

/// What one live operation keeps: the iocb that the kernel is shown, and what ends it.
struct Slot {
    // First, and at an address that stays: io_cancel(2) knows the request by it.
    var block: ControlBlock
    var completion: Completion
    var waiter: UInt
    var memory: Unmanaged<AnyObject>?
    var lease: Unmanaged<DescriptorLease>?
    var startedAt: UInt64
    var kind: OperationKind
    var route: Route
    var policy: CancelPolicy

    init(_ operation: Operation, tag: UInt64, startedAt: UInt64) {
        block = operation.block
        block.data = tag
        completion = operation.completion
        waiter = operation.waiter.bits
        memory = operation.memory
        lease = operation.lease
        self.startedAt = startedAt
        kind = operation.kind
        route = operation.route
        policy = operation.policy
        if route == .kernelUnlessBlocking { block.flags.insert(.noWait) }
    }

    /// Nanoseconds since it was started.
    func age(at now: UInt64) -> UInt64 { now > startedAt ? now - startedAt : 0 }

    /// The waiter is about to leave: what it kept alive for the kernel is the slot's from here on.
    ///
    /// Changes nothing in the slot: a lane thread may be reading it, without the lock.
    func takeOver() {
        _ = memory?.retain()
        if let lease = lease?.retain() { lease._withUnsafeGuaranteedRef { $0.extend() } }
    }

    /// What to tell the waiter about an answer, after what was wished meanwhile.
    func outcome(of result: Int, wish: OperationLedger.Wish) -> Outcome {
        // A write or an fsync that reached the kernel has really happened, or failed: that is what counts.
        if policy == .report, kind != .poll { return Outcome(result) }
        switch wish {
        case .none: return Outcome(result)
        // A poll whose event beat its cancellation.
        case .wanted: return result == 0 ? .cancelled : Outcome(result)
        case .cancelled: return .cancelled
        case .shutDown: return .shutDown
        }
    }
}

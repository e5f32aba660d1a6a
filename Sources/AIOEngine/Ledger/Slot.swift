internal import AIOKernel
internal import Glibc

/// The engine's record of a live operation: the iocb that the kernel sees, and what completes it.
struct Slot {
    // First, and at an address that stays: io_cancel(2) goes by it.
    var block: ControlBlock
    var completion: Completion
    var waiter: UInt
    var memory: Unmanaged<AnyObject>?
    var lease: Unmanaged<DescriptorLease>?
    var startedAt: UInt64
    var kind: OperationKind
    var route: Route
    var policy: CancelPolicy

    init(_ operation: Operation, _ waiter: Waiter, _ completion: Completion, tag: UInt64, startedAt: UInt64) {
        block = operation.block
        block.data = tag
        self.completion = completion
        self.waiter = waiter.bits
        memory = operation.memory
        lease = operation.lease
        self.startedAt = startedAt
        kind = operation.kind
        route = operation.route
        policy = operation.policy
        if route == .kernelUnlessBlocking { block.flags.insert(.noWait) }
    }

    /// Goes by another route than the caller's, before anybody else knows of the slot.
    mutating func changeRoute(to route: Route) {
        if self.route == .kernelUnlessBlocking { block.flags.remove(.noWait) }
        self.route = route
    }

    /// Nanoseconds since it was started.
    func age(at now: UInt64) -> UInt64 { now > startedAt ? now - startedAt : 0 }

    /// Takes over what the waiter kept alive for the kernel, as the waiter is about to leave.
    ///
    /// Changes nothing in the slot: a blocking thread may be reading it, without the lock.
    func takeOver() {
        _ = memory?.retain()
        if let lease = lease?.retain() { lease._withUnsafeGuaranteedRef { $0.extendUse() } }
    }

    /// Returns the outcome of a result, given how far a cancellation had got.
    func outcome(of result: Int, _ request: OperationLedger.CancellationRequest) -> Outcome {
        // Taken back before it began, which threads in the kernel's place do with any operation.
        if result == -Int(ECANCELED), case .granted(let reason) = request {
            return reason == .shutDown ? .shutDown : .cancelled
        }
        // A write or an fsync that reached the kernel has really happened, or failed: that is what counts.
        if policy == .report, kind != .poll { return Outcome(result) }
        switch request {
        case .none: return Outcome(result)
        // A poll whose event beat its cancellation.
        case .requested where result != 0: return Outcome(result)
        case .requested(let reason), .granted(let reason): return reason == .shutDown ? .shutDown : .cancelled
        }
    }
}

extension OperationLedger {
    /// What a cancellation calls for.
    package enum Cancellation: Equatable {
        case decided(CancellationDecision)
        /// The kernel has the operation: io_cancel decides, then ``cancellationGranted(_:_:)`` or
        /// ``cancellationRefused(_:isPoll:policy:_:)`` is called.
        case kernelDecides
    }

    /// What becomes of an operation that is to be cancelled.
    package enum CancellationDecision: Equatable {
        /// It was free of the kernel, and is gone: the waiter is resumed. `wasInFlight`: the kernel had it before, and
        /// refused to start it without blocking.
        case removed(wasInFlight: Bool)
        /// The waiter is resumed now; memory and descriptor are kept until the operation completes.
        case abandoned
        /// Nothing happens now: the waiter is resumed when the operation completes.
        case waits
        /// Nothing happens: the operation has completed, or was cancelled before.
        case ignored
    }

    /// Cancels an operation as far as that goes without the kernel.
    package mutating func cancel(
        _ id: OperationID, policy: CancelPolicy, _ reason: CancellationReason
    ) -> Cancellation {
        guard isCurrent(id) else { return .decided(.ignored) }
        switch state(id.index) {
        case .free, .submitted(.abandoned), .blockingRunning(_, .abandoned), .submitted(.waiting(.granted)),
            .blockingRunning(_, .waiting(.granted)):
            return .decided(.ignored)
        case .queued:
            kernelQueue.remove(id.index, in: &entries)
            return .decided(remove(id.index))
        case .blockingQueued:
            blockingQueue.remove(id.index, in: &entries)
            return .decided(remove(id.index))
        case .awaitingPermit:
            permitQueue.remove(id.index, in: &entries)
            return .decided(remove(id.index))
        case .submitted: return .kernelDecides
        case .blockingRunning: return .decided(leave(id.index, policy, reason))
        }
    }

    /// Notes that io_cancel took the operation: its event comes, and completes it as cancelled.
    package mutating func cancellationGranted(_ id: OperationID, _ reason: CancellationReason) {
        guard expectsEvent(id) else { return }
        transition(id.index, to: .submitted(.waiting(.granted(reason))))
    }

    /// Notes that io_cancel did not take the operation. For a poll it is tried again later: the poll may be on its way
    /// to the kernel, or its event to the ring.
    package mutating func cancellationRefused(
        _ id: OperationID, isPoll: Bool, policy: CancelPolicy, _ reason: CancellationReason
    ) -> CancellationDecision {
        guard expectsEvent(id) else { return .ignored }
        guard isPoll else { return leave(id.index, policy, reason) }
        transition(id.index, to: .submitted(.waiting(.requested(reason))))
        return .waits
    }

    private mutating func remove(_ index: UInt32) -> CancellationDecision {
        defer { free(index) }
        return .removed(wasInFlight: state(index).holdsPermit)
    }

    /// Lets the waiter of a running operation leave, now or when the operation completes.
    private mutating func leave(
        _ index: UInt32, _ policy: CancelPolicy, _ reason: CancellationReason
    ) -> CancellationDecision {
        switch policy {
        case .abandon:
            setWaiter(index, .abandoned)
            return .abandoned
        case .waitThenCancel, .report:
            // Noted also where the result is reported in the end, so that io_cancel is not tried twice.
            setWaiter(index, .waiting(.granted(reason)))
            return .waits
        }
    }

    private mutating func setWaiter(_ index: UInt32, _ waiter: WaiterState) {
        if let next = state(index).with(waiter) { transition(index, to: next) }
    }
}

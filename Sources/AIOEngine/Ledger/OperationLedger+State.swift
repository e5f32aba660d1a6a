extension OperationLedger {
    /// Where an operation stands, with what only operations of that state have.
    /// ```
    /// free ─► queued ─► submitted ────────────────────────────► free
    ///   │        ▲          │  NOWAIT refused                    ▲
    ///   │        └ EAGAIN ──┤                                    │
    ///   ├─► blockingQueued ◄┘                                    │
    ///   │        └─► blockingRunning, or submitted once more ────┤
    ///   └─► awaitingPermit ─► submitted by a blocking thread ────┘
    /// ```
    /// A queued operation that is cancelled becomes free at once.
    package enum State: Equatable, Sendable {
        case free
        /// In the queue for io_submit.
        case queued
        /// The kernel has it, or is about to: an event is to be expected.
        case submitted(WaiterState)
        /// In the queue for a blocking thread. With a permit the kernel had it and refused to start it without
        /// blocking.
        case blockingQueued(holdsPermit: Bool)
        /// In the queue for a blocking thread that submits it, once there is a permit.
        case awaitingPermit
        /// A blocking thread runs it. With a permit the thread was to submit it, and the kernel had no room.
        case blockingRunning(holdsPermit: Bool, WaiterState)
    }

    /// Whether anybody waits for an operation that the kernel or a thread has.
    package enum WaiterState: Equatable, Sendable {
        case waiting(CancellationRequest)
        /// The waiter has left; the operation keeps its slot until it completes.
        case abandoned
    }

    /// How far the cancellation of an operation has got.
    package enum CancellationRequest: Equatable, Sendable {
        case none
        /// Not granted yet: a poll that io_cancel did not find may not have reached the kernel, so io_cancel is tried again.
        case requested(CancellationReason)
        /// The operation completes as cancelled, for this reason.
        case granted(CancellationReason)
    }

    /// Why an operation is cancelled.
    package enum CancellationReason: Equatable, Sendable {
        case cancelled, shutDown
    }

    /// Moves an operation to its next state, and the sums with it. The only place that does either.
    @inline(__always)
    mutating func transition(_ index: UInt32, to next: State) {
        let state = entries[Int(index)].state
        assert(state.leads(to: next), "operation \(index) goes from \(state) to \(next)")
        permitsHeld += (next.holdsPermit ? 1 : 0) - (state.holdsPermit ? 1 : 0)
        blockingRunning += (next.isRunningWithoutPermit ? 1 : 0) - (state.isRunningWithoutPermit ? 1 : 0)
        pending += (next.isPending ? 1 : 0) - (state.isPending ? 1 : 0)
        live += (next == .free ? 0 : 1) - (state == .free ? 0 : 1)
        entries[Int(index)].state = next
    }

    /// Returns how far the operation's cancellation has got; `.none` as well where its waiter has left.
    package func cancellationRequest(_ index: UInt32) -> CancellationRequest {
        if case .waiting(let request) = state(index).waiterState { request } else { .none }
    }

    /// Whether nobody wants the operation's result any more.
    func isUnwanted(_ index: UInt32) -> Bool {
        guard let waiter = state(index).waiterState else { return false }
        return waiter != .waiting(.none)
    }
}

extension OperationLedger.State {
    /// Whether the operation counts as one of the `queueDepth` in flight.
    @inline(__always)
    package var holdsPermit: Bool {
        switch self {
        case .submitted: true
        case .blockingQueued(let holdsPermit), .blockingRunning(let holdsPermit, _): holdsPermit
        case .free, .queued, .awaitingPermit: false
        }
    }

    /// Whether the operation waits in user space for the kernel or a thread to take it up.
    @inline(__always)
    var isPending: Bool {
        switch self {
        case .queued, .awaitingPermit, .blockingQueued(holdsPermit: false): true
        case .free, .submitted, .blockingQueued(holdsPermit: true), .blockingRunning: false
        }
    }

    @inline(__always)
    var isRunningWithoutPermit: Bool {
        if case .blockingRunning(holdsPermit: false, _) = self { true } else { false }
    }

    /// Whether somebody waits; nil in the states in which somebody always does, and in `free`.
    var waiterState: OperationLedger.WaiterState? {
        switch self {
        case .submitted(let waiter), .blockingRunning(_, let waiter): waiter
        case .free, .queued, .blockingQueued, .awaitingPermit: nil
        }
    }

    /// The same state with another waiter state; nil where there is none.
    func with(_ waiter: OperationLedger.WaiterState) -> Self? {
        switch self {
        case .submitted: .submitted(waiter)
        case .blockingRunning(let holdsPermit, _): .blockingRunning(holdsPermit: holdsPermit, waiter)
        case .free, .queued, .blockingQueued, .awaitingPermit: nil
        }
    }

    /// The diagram.
    func leads(to next: Self) -> Bool {
        switch (self, next) {
        case (.free, .queued), (.free, .awaitingPermit), (.free, .blockingQueued(holdsPermit: false)): true
        case (.queued, .submitted(.waiting(.none))), (.awaitingPermit, .submitted(.waiting(.none))): true
        case (.submitted(.waiting(.none)), .queued): true
        case (.submitted(.waiting(.none)), .blockingQueued(holdsPermit: true)): true
        case (.blockingQueued(holdsPermit: true), .submitted(.waiting(.none))): true
        case (.blockingQueued(holdsPermit: false), .blockingRunning(holdsPermit: false, .waiting(.none))): true
        case (.submitted(let before), .blockingRunning(holdsPermit: true, let after)): before == after
        case (.submitted(let before), .submitted(let after)): before.leads(to: after)
        case (.blockingRunning(let held, let before), .blockingRunning(let holds, let after)):
            held == holds && before.leads(to: after)
        case (.free, .free): false
        case (_, .free): true
        default: false
        }
    }
}

extension OperationLedger.WaiterState {
    fileprivate func leads(to next: Self) -> Bool {
        switch (self, next) {
        case (.waiting(.none), .waiting), (.waiting(.requested), .waiting): next != .waiting(.none)
        case (.waiting(.none), .abandoned), (.waiting(.requested), .abandoned): true
        default: false
        }
    }
}

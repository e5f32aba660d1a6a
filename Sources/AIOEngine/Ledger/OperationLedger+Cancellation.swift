extension OperationLedger {
    package enum Cancellation: Equatable {
        /// It is gone, and nothing was done: tell the waiter. `wasInFlight`: the kernel had seen it once, and
        /// given it back (NOWAIT).
        case removed(wasInFlight: Bool)
        /// Call io_cancel, and then ``kernelCancels(_:as:)`` or ``kernelRefuses(_:isPoll:policy:wish:)``.
        case askKernel
        /// The waiter leaves: keep memory and descriptor, tell it.
        case abandon
        /// Nothing to do now: it ends with the kernel's answer.
        case wait
        /// Ended already, or cancelled before.
        case none
    }

    /// Somebody wants the operation gone.
    package mutating func cancel(_ id: OperationID, policy: CancelPolicy, as wish: Wish) -> Cancellation {
        guard isCurrent(id) else { return .none }
        let record = records[Int(id.index)]
        guard !record.abandoned, record.wish == .none || record.wish == .wanted else { return .none }
        switch record.state {
        case .free:
            return .none
        case .queued:
            kernelQueue.remove(id.index, in: &records)
            pending -= 1
            free(id.index)
            return .removed(wasInFlight: false)
        case .laneQueued:
            // With a place it was in the kernel and came back with NOWAIT refused: nothing was done yet.
            laneQueue.remove(id.index, in: &records)
            if record.holdsPlace { placesTaken -= 1 } else { pending -= 1 }
            free(id.index)
            return .removed(wasInFlight: record.holdsPlace)
        case .laneWaiting:
            laneWaiting.remove(id.index, in: &records)
            pending -= 1
            free(id.index)
            return .removed(wasInFlight: false)
        case .submitted:
            return .askKernel
        case .laneRunning:
            return leave(id.index, policy: policy, wish: wish)
        }
    }

    /// io_cancel took it: the event comes, and ends it as `wish`. Nothing when the operation has ended
    /// meanwhile: its slot may be a stranger's by now.
    package mutating func kernelCancels(_ id: OperationID, as wish: Wish) {
        guard isAwaited(id) else { return }
        records[Int(id.index)].wish = wish
    }

    /// io_cancel did not take it. A poll is asked for again later: it may be on its way to the kernel, or its
    /// event to us.
    package mutating func kernelRefuses(
        _ id: OperationID, isPoll: Bool, policy: CancelPolicy, wish: Wish
    ) -> Cancellation {
        guard isAwaited(id) else { return .none }
        if isPoll {
            records[Int(id.index)].wish = .wanted
            return .wait
        }
        return leave(id.index, policy: policy, wish: wish)
    }

    private mutating func leave(_ index: UInt32, policy: CancelPolicy, wish: Wish) -> Cancellation {
        switch policy {
        case .abandon:
            records[Int(index)].abandoned = true
            return .abandon
        case .waitThenCancel, .report:
            // Noted even where the result is reported in the end: the kernel need not be asked twice.
            records[Int(index)].wish = wish
            return .wait
        }
    }
}

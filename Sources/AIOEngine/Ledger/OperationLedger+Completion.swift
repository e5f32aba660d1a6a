extension OperationLedger {
    /// What the completion of an operation calls for.
    package enum Completed: Equatable {
        /// The waiter is resumed with the result, or as cancelled where a cancellation was granted.
        case awaited(CancellationRequest)
        /// Nobody waits: memory and descriptor are released.
        case abandoned
        /// There is no such operation: the event is a stray or a duplicate, and is counted.
        case spurious
    }

    /// Frees the entry of an operation whose result is in.
    package mutating func complete(_ id: OperationID) -> Completed {
        guard isCurrent(id), let waiter = state(id.index).waiterState else { return .spurious }
        free(id.index)
        switch waiter {
        case .waiting(let request): return .awaited(request)
        case .abandoned: return .abandoned
        }
    }

    mutating func free(_ index: UInt32) {
        transition(index, to: .free)
        // An event or a cancellation by the old ID meets another generation.
        entries[Int(index)].generation &+= 1
        entries[Int(index)].next = freeHead
        entries[Int(index)].previous = .none
        freeHead = index
    }
}

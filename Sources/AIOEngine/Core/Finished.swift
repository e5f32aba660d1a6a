/// Somebody to tell, or something to let go of, once the lock is released.
struct Finished {
    private let completion: Completion?
    private let outcome: Outcome
    private let memory: Unmanaged<AnyObject>?
    private let lease: Unmanaged<DescriptorLease>?
    /// What a ``LaneWork`` in `memory` brought for nobody.
    private let discarded: Int?

    init(_ completion: Completion, _ outcome: Outcome) {
        self.completion = completion
        self.outcome = outcome
        (memory, lease, discarded) = (nil, nil, nil)
    }

    /// An abandoned operation's slot owned its memory and its lease (see ``Slot/takeOver()``).
    init(releasing slot: Slot, result: Int) {
        if slot.route == .laneWork {
            discarded = result
        } else {
            discarded = nil
        }
        completion = nil
        outcome = .cancelled
        (memory, lease) = (slot.memory, slot.lease)
    }

    func callAsFunction() {
        completion?(outcome)
        if let memory {
            if let discarded {
                memory._withUnsafeGuaranteedRef { unsafeDowncast($0, to: LaneWork.self).discard(discarded) }
            }
            memory.release()
        }
        if let lease {
            lease._withUnsafeGuaranteedRef { $0.end() }
            lease.release()
        }
    }
}

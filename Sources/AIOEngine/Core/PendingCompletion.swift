/// A completion that is delivered once the lock is released.
enum PendingCompletion {
    /// Resumes the waiter.
    case resume(Completion, Outcome)
    /// Releases what an abandoned operation's slot owned (``Slot/takeOver()``).
    case release(AbandonedResources)

    /// Releases what the slot owned, and discards a result that nobody waits for.
    static func release(_ slot: Slot, result: Int) -> PendingCompletion {
        let discarded = slot.route == .blockingWork ? result : nil
        return .release(AbandonedResources(memory: slot.memory, lease: slot.lease, discarded: discarded))
    }

    func deliver() {
        switch self {
        case .resume(let completion, let outcome): completion(outcome)
        case .release(let resources): resources.release()
        }
    }
}

/// What the slot of an abandoned operation owned.
struct AbandonedResources {
    let memory: Unmanaged<AnyObject>?
    let lease: Unmanaged<DescriptorLease>?
    /// The result of the ``BlockingWork`` in `memory`.
    let discarded: Int?

    func release() {
        if let memory {
            if let discarded {
                memory._withUnsafeGuaranteedRef { unsafeDowncast($0, to: BlockingWork.self).discard(discarded) }
            }
            memory.release()
        }
        if let lease {
            lease._withUnsafeGuaranteedRef { $0.endUse() }
            lease.release()
        }
    }
}

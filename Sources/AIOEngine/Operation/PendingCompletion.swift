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

internal import AIOKernel
internal import Glibc

extension LoopCore {
    /// What a result meant for its operation.
    enum CompletionStep {
        /// Nothing: it belonged to no operation.
        case spurious
        case completed(PendingCompletion)
        /// The kernel would not start it without blocking: a blocking thread takes over.
        case movedToPool
    }

    /// Completes the operation of a kernel event.
    mutating func reap(_ event: CompletionEvent, at now: UInt64) -> CompletionStep {
        let id = OperationID(tag: event.data, loop: ledger.loop)
        // A slot in another state has no event coming: a stray or a duplicate, which some kernels are known for.
        guard ledger.expectsEvent(id, tag: event.data), event.blockAddress == UInt(bitPattern: slots.block(id.index))
        else {
            counters.spuriousEvents += 1
            return .spurious
        }
        return moveToPool(id, after: event.result) ?? complete(id, event.result, at: now)
    }

    /// Completes an operation with a result of the kernel or of a blocking thread.
    mutating func complete(_ id: OperationID, _ result: Int, at now: UInt64) -> CompletionStep {
        switch ledger.complete(id) {
        case .spurious:
            counters.spuriousEvents += 1
            return .spurious
        case .abandoned:
            let slot = removeSlot(id.index)
            counters.recordResult(result, of: slot.kind, nanoseconds: slot.age(at: now))
            return .completed(.release(slot, result: result))
        case .awaited(let request):
            let slot = removeSlot(id.index)
            let outcome = slot.outcome(of: result, request)
            if slot.kind == .poll || result == -Int(ECANCELED), outcome == .cancelled || outcome == .shutDown {
                counters.completed += 1
                counters.cancelledByKernel += 1
            } else {
                counters.recordResult(result, of: slot.kind, nanoseconds: slot.age(at: now))
            }
            return .completed(.resume(slot.completion, outcome))
        }
    }

    /// Completes an operation that the kernel gave back undone after it was cancelled: the cancellation is granted even
    /// to a write.
    mutating func completeUndone(_ id: OperationID) -> PendingCompletion {
        counters.completed += 1
        return completeUnwanted(id)
    }

    /// Completes an operation that was cancelled on its way to a kernel that had no room for it. It never reached the
    /// kernel, so it does not count as submitted.
    mutating func completeUnsubmitted(_ id: OperationID) -> PendingCompletion {
        let completion = completeUnwanted(id)
        if case .resume = completion { counters.cancelledBeforeSubmission += 1 }
        return completion
    }

    private mutating func completeUnwanted(_ id: OperationID) -> PendingCompletion {
        let completed = ledger.complete(id)
        let slot = removeSlot(id.index)
        switch completed {
        case .awaited(.granted(.shutDown)), .awaited(.requested(.shutDown)): return .resume(slot.completion, .shutDown)
        case .awaited: return .resume(slot.completion, .cancelled)
        case .abandoned, .spurious: return .release(slot, result: -Int(EAGAIN))
        }
    }

    /// Moves the slot's contents out: nobody else sees them any more.
    mutating func removeSlot(_ index: UInt32) -> Slot {
        scanned.remove(index)
        if !uncancelledPolls.isEmpty { uncancelledPolls.remove(index) }
        return slots[index].move()
    }
}

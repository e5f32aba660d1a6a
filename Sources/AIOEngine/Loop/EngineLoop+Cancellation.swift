internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization

extension EngineLoop {
    /// Cancels an operation: see ``Engine/cancel(_:)``.
    func cancel(_ id: OperationID) {
        let (completion, actions) = withCore { core in
            let completion = core.cancel(id, .cancelled, by: kernel)
            return (completion, core.actions(afterCancelling: completion == nil ? 0 : 1))
        }
        perform(actions)
        completion?.deliver()
    }

    /// Cancels the operations that are older than `age` and whose waiters were cancelled.
    ///
    /// In pieces, so that nobody waits long for the lock.
    func scanWaiters(olderThan age: UInt64, now: UInt64) {
        guard let isCancelled = configuration.isCancelled else { return }
        var next: UInt32? = 0
        while next != nil {
            cancelInOneRegion { core, completions in
                var budget = 256
                while budget > 0, let index = next.flatMap(core.scanned.next(from:)) {
                    budget -= 1
                    next = index + 1
                    if let id = core.cancelledWaiter(index, startedBefore: now &- age, isCancelled),
                        let completion = core.cancel(id, .cancelled, by: kernel)
                    {
                        completions.append(completion)
                    }
                }
                if budget > 0 { next = nil }
            }
        }
    }

    /// Tries io_cancel again for the polls that the kernel did not know before.
    func retryCancellations() {
        cancelInOneRegion { core, completions in
            guard !core.uncancelledPolls.isEmpty else { return }
            var next = core.uncancelledPolls.next(from: 0)
            while let index = next {
                next = core.uncancelledPolls.next(from: index + 1)
                core.uncancelledPolls.remove(index)
                guard case .requested(let reason) = core.ledger.cancellationRequest(index) else { continue }
                if let one = core.cancel(core.ledger.id(index), reason, by: kernel) { completions.append(one) }
            }
        }
    }

    /// Cancels every operation, as far as that goes.
    func cancelAll(_ reason: OperationLedger.CancellationReason) {
        cancelInOneRegion { core, completions in
            for index in 0..<UInt32(core.ledger.count) where core.ledger.state(index) != .free {
                if let one = core.cancel(core.ledger.id(index), reason, by: kernel) { completions.append(one) }
            }
        }
    }

    private func cancelInOneRegion(_ body: (inout LoopCore, inout [PendingCompletion]) -> Void) {
        var completions: [PendingCompletion] = []
        let actions = withCore { core in
            body(&core, &completions)
            return core.actions(afterCancelling: completions.count)
        }
        perform(actions)
        for completion in completions { completion.deliver() }
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc

extension EngineLoop {
    /// Runs one operation on a thread that may block.
    ///
    /// - Returns: the completion that follows.
    func blockingStep() -> PendingCompletion? {
        switch withCore({ $0.dequeueForPool() }) {
        case .submit(let id), .resubmit(let id): submitAlone(id)
        case .call(let id): complete(id, run(id))
        case nil: nil
        }
    }

    private func run(_ id: OperationID) -> Int {
        let slot = slots[id.index]
        guard slot.pointee.route == .blockingWork, let memory = slot.pointee.memory else {
            return calls.run(slots.block(id.index))
        }
        return memory._withUnsafeGuaranteedRef { calls.run(unsafeDowncast($0, to: BlockingWork.self)) }
    }

    /// Calls io_submit for one operation, and blocks for whatever the kernel does inline.
    private func submitAlone(_ id: OperationID) -> PendingCompletion? {
        let block = slots.block(id.index)
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: 1) {
            $0.initializeElement(at: 0, to: block)
            var result = -Int(EINTR)
            while result == -Int(EINTR) { result = submitToKernel($0) }
            return result
        }
        core.withLock {
            $0.counters.submitCalls += 1
            if result > 0 { $0.counters.submittedBlocks += 1 }
        }
        guard result != 1 else { return nil }
        guard result == 0 || result == -Int(EAGAIN) else { return complete(id, result) }
        // The kernel has no room: this thread makes the call itself.
        core.withLock { $0.ledger.runInsteadOfSubmitting(id) }
        return complete(id, run(id))
    }

    private func complete(_ id: OperationID, _ result: Int) -> PendingCompletion? {
        let now = clock.now()
        return finish { $0.complete(id, result, at: now) }
    }

    /// Completes the operation of a block that a blocking thread ran in the kernel's place.
    ///
    /// - Returns: the completion that follows.
    func complete(_ event: CompletionEvent) -> PendingCompletion? {
        let now = clock.now()
        return finish { $0.reap(event, at: now) }
    }

    private func finish(_ complete: (inout LoopCore) -> LoopCore.CompletionStep) -> PendingCompletion? {
        let (step, actions) = withCore { core in (complete(&core), core.actions(afterCompleting: 1)) }
        perform(actions)
        guard case .completed(let completion) = step else { return nil }
        return completion
    }
}

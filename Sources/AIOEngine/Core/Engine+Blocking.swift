internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc

extension Engine {
    /// Calls up blocking threads. Where none can be started, this thread does the work: better late than never.
    func signalPool(_ demand: BlockingDemand) {
        guard !blockingPool.signal(demand, step: { self.blockingStep() }) else { return }
        for _ in 0..<demand.count { blockingStep() }
    }

    /// Gives the blocking pool more threads where those it has do not get on.
    func scanPool() { blockingPool.scan { self.blockingStep() } }

    /// Runs one operation on a thread that may block.
    private func blockingStep() {
        switch core.withLock({ $0.dequeueForPool() }) {
        case .submit(let id), .resubmit(let id): submitAlone(id)
        case .call(let id): complete(id, BlockingCall(slots[id.index]).run())
        case nil: break
        }
    }

    /// Calls io_submit for one operation, and blocks for whatever the kernel does inline.
    private func submitAlone(_ id: OperationID) {
        let block = slots.block(id.index)
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: 1) {
            $0.initializeElement(at: 0, to: block)
            var result = -Int(EINTR)
            while result == -Int(EINTR) { result = kernel.submit($0) }
            return result
        }
        core.withLock {
            $0.counters.submitCalls += 1
            if result > 0 { $0.counters.submittedBlocks += 1 }
        }
        guard result != 1 else { return }
        if result == 0 || result == -Int(EAGAIN) {
            // The kernel has no room: this thread makes the call itself.
            core.withLock { $0.ledger.runInsteadOfSubmitting(id) }
            complete(id, BlockingCall(slots[id.index]).run())
        } else {
            complete(id, result)
        }
    }

    private func complete(_ id: OperationID, _ result: Int) {
        let now = caio_monotonic_ns()
        let (step, actions) = core.withLock { core in
            (core.complete(id, result, at: now), core.actions(afterCompleting: 1))
        }
        perform(actions)
        if case .completed(let completion) = step { completion.deliver() }
    }
}

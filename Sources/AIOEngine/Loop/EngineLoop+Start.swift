internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization

extension EngineLoop {
    /// Starts an operation: see ``Engine/start(_:for:then:)``.
    func start(_ operation: Operation, for waiter: Waiter, then completion: Completion) -> OperationID? {
        let now = clock.now()
        let policy = batchingPolicy
        let (admission, actions) = withCore { core in
            let admission = core.admit(operation, for: waiter, completion, at: now)
            // What is not performed must not be taken: the submitter's role least of all.
            guard case .admitted = admission else { return (admission, LoopCore.Actions()) }
            return (admission, core.actions(afterAdmitting: policy))
        }
        switch admission {
        case .refused(let outcome):
            completion(outcome)
            return nil
        case .admitted(let id):
            perform(actions)
            return id
        }
    }

    /// Starts several operations together.
    ///
    /// - Parameter refusal: the outcome of those that need a kernel context, where there is none.
    func start(
        _ operations: UnsafeBufferPointer<(operation: Operation, completion: Completion)>, for waiter: Waiter,
        ids: UnsafeMutableBufferPointer<OperationID?>?, _ refusal: Outcome?
    ) {
        let now = clock.now()
        let policy = batchingPolicy
        var refused: [(Completion, Outcome)] = []
        let actions = withCore { core in
            for (index, (operation, completion)) in operations.enumerated() {
                if let refusal, operation.route.queue != .blocking {
                    refused.append((completion, refusal))
                    continue
                }
                switch core.admit(operation, for: waiter, completion, at: now) {
                case .refused(let outcome): refused.append((completion, outcome))
                case .admitted(let id): ids?[index] = id
                }
            }
            return core.actions(afterAdmitting: policy)
        }
        perform(actions)
        for (completion, outcome) in refused { completion(outcome) }
    }

    /// Counts an operation that was done on the spot.
    @inline(__always)
    func recordInline(_ kind: OperationKind, _ result: Int, nanoseconds: UInt64) {
        core.withLock { core in
            core.counters.started[Int(kind.rawValue)] += 1
            core.counters.inline += 1
            core.counters.recordResult(result, of: kind, nanoseconds: nanoseconds)
        }
    }

    @inline(__always)
    private var batchingPolicy: BatchingPolicy {
        // Threads in the kernel's place gain nothing from batches.
        isOnLoopThread ? BatchingPolicy(waitingCompletions: primary.eventCount) : .immediate
    }

    /// Does what a transition called for. The lock is not held.
    func perform(_ actions: LoopCore.Actions) {
        // First, as io_submit may hang: without the loop no cancellation would be noticed meanwhile.
        if actions.wakes { wake() }
        if !actions.demand.isEmpty { engine.signalPool(actions.demand, for: self) }
        if actions.submits { submitQueued() }
    }
}

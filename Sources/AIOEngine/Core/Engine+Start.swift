internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization

extension Engine {
    /// Starts an operation. Its completion is called once; here already if the operation is refused.
    ///
    /// - Parameter waiter: each scan looks whether it was cancelled.
    /// - Returns: the operation's ID, for ``cancel(_:)``; nil when it was refused.
    @discardableResult
    package func start(_ operation: Operation, for waiter: Waiter = .none, then completion: Completion) -> OperationID?
    {
        guard belongsToThisProcess else {
            completion(.forked)
            return nil
        }
        if let refusal = prepare(for: operation) {
            completion(refusal)
            return nil
        }
        let now = caio_monotonic_ns()
        let policy = batchingPolicy
        let (admission, actions) = core.withLock { core in
            let admission = core.admit(operation, for: waiter, completion, at: now)
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

    /// Starts several operations together: they reach the kernel in as few calls as possible.
    ///
    /// - Parameter ids: as many elements as there are operations, initialized to nil. Those of admitted operations are
    ///   set to the ID, for ``cancel(_:)``; by the return such an operation may have completed.
    package func start(
        _ operations: UnsafeBufferPointer<(operation: Operation, completion: Completion)>, for waiter: Waiter = .none,
        ids: UnsafeMutableBufferPointer<OperationID?>? = nil
    ) {
        guard belongsToThisProcess else {
            for (_, completion) in operations { completion(.forked) }
            return
        }
        let now = caio_monotonic_ns()
        let refusal = prepare(for: operations)
        let policy = batchingPolicy
        var refused: [(Completion, Outcome)] = []
        let actions = core.withLock { core in
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

    private var batchingPolicy: BatchingPolicy {
        // Acquire: pairs with the release in `prepareKernel`.
        isOnLoopThread && hasKernel.load(ordering: .acquiring) ? BatchingPolicy(onLoopOf: kernel) : .immediate
    }

    /// Does what a transition called for. The lock is not held.
    func perform(_ actions: EngineCore.Actions) {
        // First, as io_submit may hang: without the loop no cancellation would be noticed meanwhile.
        if actions.wakes { wakeLoop() }
        if !actions.demand.isEmpty { signalPool(actions.demand) }
        if actions.submits { submitQueued() }
    }
}

extension Engine {
    /// Counts an operation that was done on the spot, without the engine's help.
    package func recordInline(_ kind: OperationKind, _ result: Int, since start: UInt64) {
        let elapsed = caio_monotonic_ns() - start
        core.withLock { core in
            core.counters.started[Int(kind.rawValue)] += 1
            core.counters.inline += 1
            core.counters.recordResult(result, of: kind, nanoseconds: elapsed)
        }
    }

    /// Counts bytes that were there before the operation that brings the rest.
    package func recordBytesRead(_ count: Int) {
        if count > 0 { core.withLock { $0.counters.bytesRead += count } }
    }
}

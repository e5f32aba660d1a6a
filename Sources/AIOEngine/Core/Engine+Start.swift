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
        guard hasSeveralLoops else { return firstLoop.start(operation, for: waiter, then: completion) }
        return loop(for: operation).start(operation, for: waiter, then: completion)
    }

    /// Starts several operations together, on one loop: they reach the kernel in as few calls as possible.
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
        guard let first = operations.first else { return }
        let refusal = prepare(for: operations)
        loop(for: first.operation).start(operations, for: waiter, ids: ids, refusal)
    }

    /// Cancels an operation: what was not submitted never is, what the kernel can cancel it cancels, and what it cannot
    /// is abandoned or waited for (``CancelPolicy``). Does nothing to one that has completed.
    package func cancel(_ id: OperationID) {
        guard belongsToThisProcess else { return }
        loops[Int(id.loop)].cancel(id)
    }

    /// Counts an operation that was done on the spot, without the engine's help.
    package func recordInline(_ kind: OperationKind, _ result: Int, since start: UInt64) {
        let elapsed = clock.now() - start
        guard hasSeveralLoops else { return firstLoop.recordInline(kind, result, nanoseconds: elapsed) }
        nearestLoop.recordInline(kind, result, nanoseconds: elapsed)
    }

    /// Counts bytes that were there before the operation that brings the rest.
    package func recordBytesRead(_ count: Int) {
        if count > 0 { nearestLoop.core.withLock { $0.counters.bytesRead += count } }
    }

    /// About how many operations are pending where the next one would go.
    package var pendingHint: Int {
        hasSeveralLoops
            ? nearestLoop.pendingCount.load(ordering: .relaxed) : firstLoop.pendingCount.load(ordering: .relaxed)
    }
}

// MARK: Which loop

extension Engine {
    /// The number of the loop on whose thread the caller is; nil elsewhere.
    package var currentLoop: Int? {
        hasSeveralLoops ? EngineLoop.current(of: self) : firstLoop.isOnLoopThread ? 0 : nil
    }

    private func loop(for operation: Operation) -> EngineLoop {
        guard hasSeveralLoops else { return firstLoop }
        // Appends by one loop keep their order as far as they did with one.
        if let lease = operation.lease, lease._withUnsafeGuaranteedRef({ $0.keepsToOneLoop }) {
            return loops[lease._withUnsafeGuaranteedRef { Int($0.descriptor) } % loops.count]
        }
        return nearestLoop
    }

    /// The loop on whose thread the caller is; elsewhere one that goes by the caller's processor.
    private var nearestLoop: EngineLoop {
        guard hasSeveralLoops else { return firstLoop }
        if let number = currentLoop { return loops[number] }
        let first = host.threads.processor() % loops.count
        let loop = loops[first]
        // One that is caught in a job would not notice completions for a while.
        return loop.activity.isCaught ? loops.first { !$0.activity.isCaught } ?? loop : loop
    }
}

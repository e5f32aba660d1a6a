internal import AIOEngine
internal import AIOKernel

extension AIOContext {
    /// With more pending operations than this, the next one gets a cancellation handler instead of being scanned. It
    /// will wait so long that the handler's cost does not matter, while scanning that many every few milliseconds would
    /// cost too much.
    private static let handlerThreshold = 1024

    /// Performs one operation, with the configuration's retry policy.
    ///
    /// - Parameter isRepeatable: whether performing the operation twice is the same as performing it once.
    @inline(__always)
    func perform(_ operation: Operation, isRepeatable: @autoclosure () -> Bool = false) async -> Outcome {
        let outcome = await attempt(operation)
        guard outcome.rawValue < 0, let policy = configuration.retry, isRepeatable() else { return outcome }
        return await retry(operation, after: outcome, policy)
    }

    /// Retries an operation after a first attempt that was made elsewhere.
    ///
    /// - Parameters:
    ///   - first: the outcome of the first attempt.
    ///   - policy: which outcomes to retry, how often and after what pause.
    /// - Returns: the outcome of the last attempt.
    func retry(_ operation: Operation, after first: Outcome, _ policy: AIORetryPolicy) async -> Outcome {
        var outcome = first
        var attempts = 1
        while let pause = policy.pause(after: attempts, outcome.errno) {
            // A cancelled sleep returns at once, and the attempt after it completes as cancelled.
            if pause > .zero { try? await Task.sleep(for: pause) }
            outcome = await attempt(operation)
            attempts += 1
        }
        return outcome
    }

    /// Performs one operation once. The loop's scan finds out whether its task was cancelled.
    @inline(__always)
    private func attempt(_ operation: Operation) async -> Outcome {
        let operation = prioritized(operation)
        if engine.pendingHint > Self.handlerThreshold { return await performHandled(operation) }
        let result = await withUnsafeContinuation { (continuation: UnsafeContinuation<Int, Never>) in
            guard let waiter = Waiter.uncancelled else {
                return continuation.resume(returning: Outcome.cancelled.rawValue)
            }
            engine.start(operation, for: waiter, then: .resuming(continuation))
        }
        return Outcome(rawValue: result)
    }

    /// Performs one operation with a cancellation handler: for waits that may be long.
    ///
    /// - Parameter handle: lets others cancel the operation too.
    func performHandled(_ operation: Operation, by handle: CancellationHandle? = nil) async -> Outcome {
        let handle = handle ?? CancellationHandle(engine)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Int, Never>) in
                if Task.isCancelled { return continuation.resume(returning: Outcome.cancelled.rawValue) }
                handle.started(engine.start(operation, then: .resuming(continuation)))
            }
        } onCancel: {
            handle.cancel()
        }
        return Outcome(rawValue: result)
    }

    /// Starts several operations together, and returns when the last one has completed. The caller keeps their memory
    /// and leases alive until then.
    func perform(_ operations: [OperationGroup.Member], _ group: OperationGroup) async {
        guard !operations.isEmpty else { return }
        let waiter = Waiter.current
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            group.await(operations.count, continuation)
            operations.withUnsafeBufferPointer { engine.start($0, for: waiter) }
        }
    }
}

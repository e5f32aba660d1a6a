internal import AIOEngine
internal import AIOKernel

extension AIOContext {
    /// With more pending operations than this, the next one takes a cancellation handler: its wait will be so long that
    /// the handler costs nothing, while scanning so many every few milliseconds would.
    private static let handlerThreshold = 1024

    /// Performs one operation, and again as the configuration's retry policy says.
    ///
    /// - Parameter isRepeatable: whether performing the operation twice is the same as performing it once.
    @inline(__always)
    func perform(_ operation: Operation, isRepeatable: @autoclosure () -> Bool = false) async -> Outcome {
        let outcome = await attempt(operation)
        guard outcome.rawValue < 0, let policy = configuration.retry, isRepeatable() else { return outcome }
        return await retry(operation, after: outcome, policy)
    }

    /// Performs an operation again after a first attempt that was made elsewhere, as the configuration's retry policy
    /// says.
    func retry(_ operation: Operation, after first: Outcome, _ policy: AIORetryPolicy) async -> Outcome {
        var outcome = first
        var attempts = 1
        while let pause = policy.pause(after: attempts, outcome.errno) {
            // A cancelled sleep ends at once, and the operation after it as cancelled.
            if pause > .zero { try? await Task.sleep(for: pause) }
            outcome = await attempt(operation)
            attempts += 1
        }
        return outcome
    }

    /// Performs one operation once. Scans find out whether its task was cancelled.
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

    /// Performs several operations that were started together; returns when the last has completed. What they need lives
    /// as long as the caller, who awaits this.
    func perform(_ operations: [OperationGroup.Member], _ group: OperationGroup) async {
        guard !operations.isEmpty else { return }
        let waiter = Waiter.current
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            group.await(operations.count, continuation)
            operations.withUnsafeBufferPointer { engine.start($0, for: waiter) }
        }
    }
}

extension Unmanaged<AnyObject> {
    /// A reference that is not retained: the caller awaits the operation, and keeps the object meanwhile.
    static func borrowing(_ object: some AnyObject) -> Unmanaged<AnyObject> {
        .passUnretained(object as AnyObject)
    }
}

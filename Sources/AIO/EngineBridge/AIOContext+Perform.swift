internal import AIOEngine
internal import AIOKernel
internal import Synchronization

/// An operation as the files see it; who waits for it, and how, is added on the way to the engine.
///
/// Plain words, as each costs the hot path nothing that way: whoever awaits the operation keeps `memory` and
/// `lease` alive until it has ended.
struct Request {
    var block: ControlBlock
    var kind: OperationKind
    var route: Route
    var policy: CancelPolicy
    /// What the kernel needs until it answers.
    var memory: Unmanaged<AnyObject>?
    var lease: Unmanaged<DescriptorLease>?

    init(
        _ block: ControlBlock, kind: OperationKind, route: Route, policy: CancelPolicy,
        memory: Unmanaged<AnyObject>? = nil, lease: Unmanaged<DescriptorLease>? = nil
    ) {
        self.block = block
        self.kind = kind
        self.route = route
        self.policy = policy
        self.memory = memory
        self.lease = lease
    }

    func operation(_ waiter: Waiter, _ completion: Completion) -> Operation {
        Operation(
            block, kind: kind, route: route, policy: policy, waiter: waiter, completion: completion,
            memory: memory, lease: lease)
    }
}

extension Unmanaged<AnyObject> {
    /// Not retained: the caller awaits the operation, and keeps the object meanwhile.
    static func borrowing(_ object: some AnyObject) -> Unmanaged<AnyObject> {
        .passUnretained(object as AnyObject)
    }
}

extension AIOContext {
    /// More waiting operations than this, and another takes a cancellation handler: its wait will be so long
    /// that the handler costs nothing, and looking through so many every few milliseconds would.
    private static let handlerThreshold = 1024

    /// One operation, from start to end. Cancellation reaches it through the loop, which looks at the tasks
    /// of operations that take long.
    @inline(__always)
    func perform(_ request: Request) async -> Outcome {
        let request = prioritized(request)
        if engine.pendingHint > Self.handlerThreshold { return await performCancellably(request) }
        let result = await withUnsafeContinuation { (continuation: UnsafeContinuation<Int, Never>) in
            guard let waiter = Waiter.uncancelled else {
                return continuation.resume(returning: Outcome.cancelled.rawValue)
            }
            engine.start(request.operation(waiter, .resuming(continuation)))
        }
        return Outcome(rawValue: result)
    }

    /// The same with a cancellation handler: for waits that may be long.
    ///
    /// - Parameter name: by which others may cancel it too.
    func performCancellably(_ request: Request, as name: CancellableName? = nil) async -> Outcome {
        let name = name ?? CancellableName(engine)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Int, Never>) in
                if Task.isCancelled { return continuation.resume(returning: Outcome.cancelled.rawValue) }
                name.started(engine.start(request.operation(.none, .resuming(continuation))))
            }
        } onCancel: {
            name.cancel()
        }
        return Outcome(rawValue: result)
    }
}

/// Carries a cancellation that may come before the operation has its name.
final class CancellableName: Sendable {
    private enum State {
        case waiting, cancelled
        case started(OperationID)
    }
    private let engine: Engine
    private let state = Mutex(State.waiting)

    init(_ engine: Engine) { self.engine = engine }

    func started(_ id: OperationID?) {
        guard let id else { return }
        let wasCancelled = state.withLock { state in
            if case .cancelled = state { return true }
            state = .started(id)
            return false
        }
        if wasCancelled { engine.cancel(id) }
    }

    func cancel() {
        let id = state.withLock { state -> OperationID? in
            defer { state = .cancelled }
            if case .started(let id) = state { return id }
            return nil
        }
        if let id { engine.cancel(id) }
    }
}

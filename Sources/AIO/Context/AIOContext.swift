internal import AIOEngine
internal import AIOKernel

/// A kernel AIO context with a thread that brings its completions: what files do their I/O on.
///
/// Any number of tasks may use it at once. Dropping the last reference, files' ones included, tears it down
/// off the calling thread: operations in flight end first, then io_destroy(2). ``shutdown(_:)`` does the same
/// and waits for it.
///
/// A context belongs to the process that made it: after fork(2) every call in the child throws
/// ``AIOError/Code/forked``.
public final class AIOContext: Sendable {
    /// What the context was made with.
    public let configuration: Configuration
    /// Runs tasks on the context's own thread, beside their I/O: see ``AIOExecutor``.
    public let executor: AIOExecutor
    let engine: Engine

    /// Makes a context: an eventfd(2) and a thread. The kernel context, io_setup(2), is made by the first operation that
    /// needs one, or here with ``Configuration/prepares``.
    ///
    /// - Throws: ``AIOError/Code/invalidArgument`` for a configuration that makes no sense, ``AIOError/Code/systemLimit``
    ///   without a descriptor or a thread. For the kernel context, here or from the first operation:
    ///   ``AIOError/Code/systemLimit`` when `fs.aio-max-nr` leaves no room for `queueDepth` events,
    ///   ``AIOError/Code/permissionDenied`` or ``AIOError/Code/unsupported`` where kernel AIO is refused.
    public init(_ configuration: Configuration = .init()) throws(AIOError) {
        try configuration.check()
        self.configuration = configuration
        let queue = JobQueue()
        do throws(KernelError) {
            engine = try Engine(configuration.engine, client: queue)
        } catch {
            throw AIOError(error)
        }
        executor = AIOExecutor(queue, engine)
    }

    /// A context of given parts, for tests.
    init(_ configuration: Configuration, kernel: any KernelInterface) throws(AIOError) {
        try configuration.check()
        self.configuration = configuration
        let queue = JobQueue()
        do throws(KernelError) {
            engine = try Engine(configuration.engine, client: queue, kernel: kernel)
        } catch {
            throw AIOError(error)
        }
        executor = AIOExecutor(queue, engine)
    }

    deinit { engine.close() }

    /// What does the context's I/O.
    public enum Backend: Sendable, Hashable {
        /// Kernel AIO. `created`: whether the kernel context was made, which the first operation that needs it does.
        case kernel(created: Bool)
    }

    /// What does the context's I/O, and whether that was needed so far.
    public var backend: Backend { .kernel(created: engine.isPrepared) }

    /// What the context has done so far; consistent in itself, also after it was shut down. In a forked child:
    /// zeros.
    public var statistics: AIOStatistics { AIOStatistics(engine.counters) }
}

/// Makes a context for the time of `body`, and shuts it down on the way out: drained after a return,
/// cancelled after an error. Files on it should be closed by then: afterwards their operations throw
/// ``AIOError/Code/shutDown``.
///
/// Cancelling the task reaches `body`; the shutdown is waited for all the same.
///
/// - Throws: what ``AIOContext/init(_:)`` throws, or `body`.
public func withAIOContext<R: Sendable>(
    _ configuration: AIOContext.Configuration = .init(), _ body: (AIOContext) async throws -> R
) async throws -> R {
    let context = try AIOContext(configuration)
    let result: R
    do {
        result = try await body(context)
    } catch {
        try? await context.shutdown(.cancel)
        throw error
    }
    try await context.shutdown(.drain())
    return result
}

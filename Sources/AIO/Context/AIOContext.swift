internal import AIOEngine
internal import AIOKernel

// The files of this target:
//
// - `Context/`: contexts, their configuration, shutdown, readiness, statistics and inspection;
//   `AIOProcess` with what is counted for the whole process.
// - `File/`: `AIOFile` and its operations. `AIOFile+Operation` and `AIOFile+Transfer` are the common path of reads and
//   writes, `FileTraits` what is found out about a file when it is opened, `RangePlan` the plan of a read of ranges.
// - `Stream/`: `AIOStream`, for pipes, sockets and terminals.
// - `Chunks/`: reading a file ahead. `ReadWindow` (a value) plans the reads, `ReadRing` runs them, `ChunkReader`
//   returns them in order.
// - `Lines/`: lines of files and streams; `LineSplitter` (a value) finds them.
// - `Writer/`: writing behind. `WriterInput` collects chunks, `WriterCore` writes them; `WriterLedger` and
//   `ChunkProgress` (values) know what has got to the file.
// - `Copy/`: `copyFile`, with its plan (a value), its destination and its chunks.
// - `Buffer/`: `AIOBuffer`, its storage and the pool.
// - `Policy/`: deadlines and retries.
// - `Executor/`: `AIOExecutor` and its jobs: `ExecutorJobs` of all loops, the `JobQueue` of each, `JobRing`s that others may
//   fetch from.
// - `Errors/`: `AIOError`, and how outcomes of the engine become errors.
// - `EngineBridge/`: between tasks and the engine: starting, awaiting and cancelling operations.

/// Kernel AIO: one or more loops, each a kernel context with a thread that reaps its completions. Files and streams do their
/// I/O on a context.
///
/// Any number of tasks may use it at once. Dropping the last reference, those of files included, tears it down off the
/// calling thread: operations in flight complete first, then io_destroy(2) is called. ``shutdown(_:)`` does the same
/// and waits for it.
///
/// A context belongs to the process that made it: after fork(2) every call in the child throws
/// ``AIOError/Code/forked``.
public final class AIOContext: Sendable {
    /// The configuration that the context was made with.
    public let configuration: Configuration
    /// Runs tasks on the context's own threads, which also do their I/O: see ``AIOExecutor``.
    public let executor: AIOExecutor
    let engine: Engine

    /// Makes a context: an eventfd(2) and a thread for each loop. The kernel contexts, io_setup(2), are made by the first
    /// operation that needs one, or here with ``Configuration/prepares``.
    ///
    /// - Parameter configuration: the defaults if not given.
    /// - Throws: ``AIOError/Code/invalidArgument`` for a value of the configuration outside of its limits, ``AIOError/Code/systemLimit``
    ///   without a descriptor or a thread. For the kernel contexts, here or from the first operation, unless
    ///   ``Configuration/fallback`` is `.threads`: ``AIOError/Code/systemLimit`` when `fs.aio-max-nr` leaves no room for `queueDepth` events,
    ///   ``AIOError/Code/permissionDenied`` or ``AIOError/Code/unsupported`` where kernel AIO is refused.
    public init(_ configuration: Configuration = .init()) throws(AIOError) {
        try configuration.check()
        self.configuration = configuration
        let jobs = ExecutorJobs(loops: configuration.loops)
        do throws(KernelError) {
            engine = try Engine(configuration.engine, clients: jobs.queues)
        } catch {
            throw AIOError(error)
        }
        executor = AIOExecutor(jobs, engine)
    }

    /// Makes a context on other kernels, one for each loop, for tests.
    init(_ configuration: Configuration, kernels: [any KernelInterface]) throws(AIOError) {
        try configuration.check()
        self.configuration = configuration
        let jobs = ExecutorJobs(loops: configuration.loops)
        do throws(KernelError) {
            engine = try Engine(configuration.engine, clients: jobs.queues, kernels: kernels)
        } catch {
            throw AIOError(error)
        }
        executor = AIOExecutor(jobs, engine)
    }

    deinit { engine.close() }

    /// What does the context's I/O.
    public enum Backend: Sendable, Hashable {
        /// Kernel AIO. `created`: whether the kernel contexts were made, which the first operation that needs one does.
        case kernel(created: Bool)
        /// Blocking threads, as ``Configuration/fallback`` allows. `reason`: what the kernel refused, and what helps.
        case threads(reason: String)
    }

    /// What does the context's I/O, and whether that was needed so far.
    public var backend: Backend {
        switch engine.backend {
        case .kernel(let created): .kernel(created: created)
        case .threads(let reason): .threads(reason: reason.description)
        }
    }

    /// A consistent snapshot of the context's counters, also after it was shut down. In a forked child all are zero.
    public var statistics: AIOStatistics { AIOStatistics(engine.counters) }
}

/// Makes a context, runs `body` with it, and shuts it down afterwards: by draining if `body` returned, by cancelling if
/// it threw.
///
/// Files on the context should be closed by then: afterwards their operations throw ``AIOError/Code/shutDown``. Task
/// cancellation reaches `body`; the shutdown is awaited all the same.
///
/// - Parameters:
///   - configuration: of the context.
///   - body: runs where the caller is.
/// - Returns: what `body` returned.
/// - Throws: what ``AIOContext/init(_:)`` or `body` throws.
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

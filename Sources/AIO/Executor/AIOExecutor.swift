internal import AIOEngine

/// Runs tasks on a context's own thread, which submits their I/O and reaps its completions: there is no thread hop
/// between the kernel and the code that awaits an operation.
///
/// ```swift
/// try await withTaskExecutorPreference(context.executor) {
///     let bytes = try await file.read(at: 0, count: 4096)
/// }
/// ```
/// Operations that such tasks start are submitted together: when the thread has run the ready jobs, or earlier, when
/// fewer operations are in flight than wait for submission. A task that computes for long delays the other tasks and
/// their completions, as on any event loop.
///
/// Jobs of a higher priority run first; two in sixteen are taken from a lower priority instead, so that none starves.
///
/// Jobs that are left when the context has ended, or come later, run on other threads of the process: none is lost.
public final class AIOExecutor: TaskExecutor, Sendable {
    private let queue: JobQueue
    private let engine: Engine

    init(_ queue: JobQueue, _ engine: Engine) {
        self.queue = queue
        self.engine = engine
        queue.open(for: self)
    }

    /// Enqueues a job of a task that prefers this executor, from any thread. The Swift runtime calls it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = JobQueue.Job(job)
        // In a forked child there is no loop, and the queue's lock may be held by a thread of the parent.
        guard engine.belongsToThisProcess else { return runElsewhere(job.job) }
        if engine.isOnLoopThread { return queue.pushLocal(job) }
        switch queue.pushRemote(job) {
        case .queued: break
        case .wakeLoop: engine.wakeLoop()
        case .closed: runElsewhere(job.job)
        }
    }

    /// Runs a job on another thread, for a loop that has ended.
    func runElsewhere(_ job: UnownedJob) {
        Housekeeping.shared.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

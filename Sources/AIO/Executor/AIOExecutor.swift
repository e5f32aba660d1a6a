internal import AIOEngine

/// Runs tasks on a context's own thread, where their I/O is submitted and their completions come in: no
/// thread hop between the kernel and the code that awaits it.
///
/// ```swift
/// try await withTaskExecutorPreference(context.executor) {
///     let bytes = try await file.read(at: 0, count: 4096)
/// }
/// ```
/// Operations that such tasks start go to the kernel together: when the thread has run what was ready, or
/// before, when the device would have less to do than waits for it. A task that computes for long holds up the
/// others and their completions, as on any event loop.
///
/// Tasks of a higher priority run first, and one in sixteen goes to the lower ones.
///
/// When the context has ended, jobs that are still there, or come later, run on other threads of the process:
/// none is lost.
public final class AIOExecutor: TaskExecutor, Sendable {
    private let queue: JobQueue
    private let engine: Engine

    init(_ queue: JobQueue, _ engine: Engine) {
        self.queue = queue
        self.engine = engine
        queue.open(for: self)
    }

    /// For the runtime: takes a job of a task that prefers this executor, from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = JobQueue.Job(job)
        // In a forked child the loop is the parent's, and so may be whoever held the lock.
        guard engine.belongsToThisProcess else { return runElsewhere(job.job) }
        if engine.isOnLoopThread { return queue.pushLocal(job) }
        switch queue.pushRemote(job) {
        case .queued: break
        case .wakeLoop: engine.wakeLoop()
        case .closed: runElsewhere(job.job)
        }
    }

    /// The loop is gone: another thread runs the job.
    func runElsewhere(_ job: UnownedJob) {
        Housekeeping.shared.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

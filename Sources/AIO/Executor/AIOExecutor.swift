internal import AIOEngine

/// Runs tasks on a context's own threads, its loops, which submit their I/O and reap its completions: there is no thread
/// hop between the kernel and the code that awaits an operation.
///
/// ```swift
/// try await withTaskExecutorPreference(context.executor) {
///     let bytes = try await file.read(at: 0, count: 4096)
/// }
/// ```
/// Operations that such tasks start are submitted together: when the loop has run the ready jobs, or earlier, when fewer
/// operations are in flight than wait for submission. A task goes on where its operation's completion came in.
///
/// With one loop, a task that computes for long delays the other tasks and their completions, as on any event loop. With
/// several (``AIOContext/Configuration/loops``) an idle loop fetches ready jobs from busy ones, and stands in for a loop that
/// has been in one job for a millisecond: it submits and reaps in its place.
///
/// Jobs of a higher priority run first; two in sixteen are taken from a lower priority instead, so that none starves.
///
/// Jobs that are left when the context has ended, or come later, run on other threads of the process: none is lost.
public final class AIOExecutor: TaskExecutor, Sendable {
    private let jobs: ExecutorJobs
    private let engine: Engine

    init(_ jobs: ExecutorJobs, _ engine: Engine) {
        self.jobs = jobs
        self.engine = engine
        jobs.open(for: self)
    }

    /// Enqueues a job of a task that prefers this executor, from any thread. The Swift runtime calls it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = ExecutorJobs.Job(job)
        // In a forked child there is no loop, and the queue's lock may be held by a thread of the parent.
        guard engine.belongsToThisProcess else { return runElsewhere(job.job) }
        if let loop = engine.currentLoop { return jobs.push(job, to: loop) }
        enqueueElsewhere(job)
    }

    /// Enqueues a job that belongs to no loop.
    func enqueueElsewhere(_ job: ExecutorJobs.Job) {
        if !jobs.pushRemote(job) { runElsewhere(job.job) }
    }

    /// Runs a job on another thread, once the loops have ended.
    func runElsewhere(_ job: UnownedJob) {
        Housekeeping.shared.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    func wakeLoop(_ number: Int) { engine.wakeLoop(number) }
}

internal import AIOEngine
internal import Synchronization

/// The jobs of an ``AIOExecutor``, and the loop's client that runs them.
///
/// Jobs from the loop's own thread are in rings that only this thread uses. Jobs from other threads are behind a lock;
/// the loop reads a counter to see whether there are any.
final class JobQueue: LoopClient, @unchecked Sendable {
    // Unchecked: `local` belongs to the loop's thread. It is behind a pointer, as a class's property would be checked
    // for exclusive access at every job.
    private let local: UnsafeMutablePointer<JobRings>
    private let remote = Mutex(Remote())
    private let remoteCount = Atomic<Int>(0)
    private let isAsleep = Atomic<Bool>(false)

    struct Job {
        let job: UnownedJob
        let priority: UInt8

        init(_ job: consuming ExecutorJob) {
            priority = job.priority.rawValue
            self.job = UnownedJob(job)
        }
    }

    private struct Remote {
        var jobs: [Job] = []
        var executor: AIOExecutor?
        var isClosed = false
    }

    enum Push {
        case queued, wakeLoop, closed
    }

    /// How many jobs the loop runs before it reaps completions again.
    private static let jobsPerIteration = 64

    init() {
        local = .allocate(capacity: 1)
        local.initialize(to: JobRings())
    }

    deinit {
        local.deinitialize(count: 1)
        local.deallocate()
    }

    /// Keeps the executor alive until the loop has ended, as its jobs refer to it without owning it.
    func open(for executor: AIOExecutor) { remote.withLock { $0.executor = executor } }

    /// Adds a job; on the loop's own thread only.
    func pushLocal(_ job: Job) { local.pointee.append(job.job, priority: job.priority) }

    /// Adds a job from any other thread.
    func pushRemote(_ job: Job) -> Push {
        let isClosed = remote.withLock { remote in
            guard !remote.isClosed else { return true }
            remote.jobs.append(job)
            // Sequentially consistent, as are the exchange below and the loop's store and load in prepareToSleep:
            // either the loop sees the job, or this thread sees the loop asleep.
            remoteCount.store(remote.jobs.count, ordering: .sequentiallyConsistent)
            return false
        }
        if isClosed { return .closed }
        return isAsleep.exchange(false, ordering: .sequentiallyConsistent) ? .wakeLoop : .queued
    }

    func runReady() -> Bool {
        if remoteCount.load(ordering: .relaxed) > 0 { moveRemoteJobs() }
        guard !local.pointee.isEmpty, let executor = remote.withLock({ $0.executor }) else { return false }
        let unowned = executor.asUnownedTaskExecutor()
        var budget = Self.jobsPerIteration
        while budget > 0, let job = local.pointee.popFirst() {
            job.runSynchronously(on: unowned)
            budget -= 1
        }
        return !local.pointee.isEmpty || remoteCount.load(ordering: .relaxed) > 0
    }

    /// Moves the jobs from other threads to the loop's rings.
    private func moveRemoteJobs() {
        var jobs: [Job] = []
        remote.withLock { remote in
            swap(&jobs, &remote.jobs)
            remoteCount.store(0, ordering: .relaxed)
        }
        for job in jobs { pushLocal(job) }
    }

    func prepareToSleep() -> Bool {
        // The loop's own thread adds jobs after it has run the ready ones too: completions resume tasks.
        guard local.pointee.isEmpty else { return false }
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard remoteCount.load(ordering: .sequentiallyConsistent) > 0 else { return true }
        isAsleep.store(false, ordering: .relaxed)
        return false
    }

    func didWake() { isAsleep.store(false, ordering: .relaxed) }

    func loopEnded() {
        let executor = remote.withLock { remote in
            remote.isClosed = true
            // Breaks the cycle: the executor holds this queue.
            return remote.executor.take()
        }
        moveRemoteJobs()
        while let job = local.pointee.popFirst() { executor?.runElsewhere(job) }
    }
}

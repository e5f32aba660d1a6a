internal import ForkSafeMutex
internal import Synchronization

/// The jobs of an ``AIOExecutor``: a queue for each loop, and one for jobs that other threads bring.
///
/// A job from a loop's own thread goes to this loop's queue, where an idle loop may fetch it. A job from elsewhere goes to
/// the common queue, of which each loop takes its part; a loop that sleeps is woken for it.
final class ExecutorJobs: Sendable {
    let queues: [JobQueue]
    /// The first queue, apart, as most executors have one.
    private let first: JobQueue
    private let remote: ForkSafeMutex<Remote>
    /// How many jobs are in the common queue.
    private let remoteCount = Atomic<Int>(0)
    /// How many loops sleep.
    let sleepers = Atomic<Int>(0)
    /// From where to look for a loop that sleeps.
    private let nextToWake = Atomic<Int>(0)

    struct Job {
        let job: UnownedJob
        let priority: UInt8

        init(_ job: consuming ExecutorJob) {
            priority = job.priority.rawValue
            self.job = UnownedJob(job)
        }

        init(_ job: UnownedJob) {
            priority = job.priority.rawValue
            self.job = job
        }
    }

    private struct Remote {
        var jobs: [Job] = []
        var executor: AIOExecutor?
        /// Loops that have not ended.
        var openLoops: Int
    }

    init(loops: Int) {
        remote = ForkSafeMutex(Remote(openLoops: loops))
        queues = (0..<loops).map { JobQueue($0) }
        first = queues[0]
        for queue in queues { queue.jobs = self }
    }

    /// Keeps the executor alive until the loops have ended, as its jobs refer to it without owning it.
    func open(for executor: AIOExecutor) { remote.withLock { $0.executor = executor } }

    var executor: AIOExecutor? { remote.withLock { $0.executor } }

    /// Whether a loop but `number` has jobs that could be fetched.
    func hasOthers(than number: Int) -> Bool {
        queues.count > 1 && queues.contains { $0.number != number && !$0.isEmpty }
    }

    var hasRemote: Bool { remoteCount.load(ordering: .relaxed) > 0 }

    /// The same, in the order of ``JobQueue/prepareToSleep()``.
    var hasRemoteForSleeper: Bool { remoteCount.load(ordering: .sequentiallyConsistent) > 0 }

    /// Adds a job on the thread of loop `number`.
    @inline(__always)
    func push(_ job: Job, to number: Int) { number == 0 ? first.push(job) : queues[number].push(job) }

    /// Adds a job from a thread that is none of the loops'.
    ///
    /// - Returns: false when all loops have ended.
    func pushRemote(_ job: Job) -> Bool {
        let isOpen = remote.withLock { remote in
            guard remote.openLoops > 0 else { return false }
            remote.jobs.append(job)
            // Sequentially consistent, as are the exchange in `wakeIdle` and the store and load of a loop that goes to
            // sleep: either the loop sees the job, or this thread sees the loop asleep.
            remoteCount.store(remote.jobs.count, ordering: .sequentiallyConsistent)
            return true
        }
        if isOpen { wakeIdle() }
        return isOpen
    }

    /// Moves a loop's part of the jobs from other threads to its own queue.
    func takeRemote(for queue: JobQueue) {
        let jobs = remote.withLock { remote in
            var jobs: [Job] = []
            let count = queues.count == 1 ? remote.jobs.count : remote.jobs.count / queues.count + 1
            if count >= remote.jobs.count {
                swap(&jobs, &remote.jobs)
            } else {
                jobs = Array(remote.jobs[..<count])
                remote.jobs.removeFirst(count)
            }
            remoteCount.store(remote.jobs.count, ordering: .relaxed)
            return jobs
        }
        for job in jobs { queue.push(job) }
    }

    /// Wakes one loop that sleeps, if any does.
    func wakeIdle() {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let first = queues.count == 1 ? 0 : nextToWake.add(1, ordering: .relaxed).oldValue
        for offset in queues.indices {
            let queue = queues[Int(UInt(bitPattern: first &+ offset) % UInt(queues.count))]
            if queue.claimSleeper() { return executor?.wakeLoop(queue.number) ?? () }
        }
    }

    /// Notes that a loop has ended.
    ///
    /// - Returns: the executor, where it was the last loop; the jobs that are left are the caller's.
    func loopEnded() -> AIOExecutor? {
        remote.withLock { remote in
            remote.openLoops -= 1
            // Breaks the cycle: the executor holds these jobs.
            return remote.openLoops == 0 ? remote.executor.take() : nil
        }
    }
}

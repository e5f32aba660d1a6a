internal import AIOEngine
internal import Synchronization

/// The jobs of an ``AIOExecutor``, and the loop's client that runs them.
///
/// What the loop's own thread brings is touched by it alone; what others bring waits behind a lock, and a
/// counter tells the loop when to look.
final class JobQueue: LoopClient, @unchecked Sendable {
    // Sendable by hand: `local` belongs to the loop's thread. Behind a pointer, as a class's property would
    // be checked for exclusive access at every job.
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

    /// Jobs run before the loop looks after completions again.
    private static let turn = 64

    init() {
        local = .allocate(capacity: 1)
        local.initialize(to: JobRings())
    }

    deinit {
        local.deinitialize(count: 1)
        local.deallocate()
    }

    /// Until the loop has ended the executor stays: its jobs name it without owning it.
    func open(for executor: AIOExecutor) { remote.withLock { $0.executor = executor } }

    /// On the loop's own thread.
    func pushLocal(_ job: Job) { local.pointee.append(job.job, priority: job.priority) }

    func pushRemote(_ job: Job) -> Push {
        let isClosed = remote.withLock { remote in
            guard !remote.isClosed else { return true }
            remote.jobs.append(job)
            // Sequentially consistent, as the exchange below and the loop's two in prepareToSleep: either the
            // loop sees the job, or this sees the loop asleep.
            remoteCount.store(remote.jobs.count, ordering: .sequentiallyConsistent)
            return false
        }
        if isClosed { return .closed }
        return isAsleep.exchange(false, ordering: .sequentiallyConsistent) ? .wakeLoop : .queued
    }

    func runReady() -> Bool {
        if remoteCount.load(ordering: .relaxed) > 0 { takeRemote() }
        guard !local.pointee.isEmpty, let executor = remote.withLock({ $0.executor }) else { return false }
        let unowned = executor.asUnownedTaskExecutor()
        var budget = Self.turn
        while budget > 0, let job = local.pointee.popFirst() {
            job.runSynchronously(on: unowned)
            budget -= 1
        }
        return !local.pointee.isEmpty || remoteCount.load(ordering: .relaxed) > 0
    }

    private func takeRemote() {
        var jobs: [Job] = []
        remote.withLock { remote in
            swap(&jobs, &remote.jobs)
            remoteCount.store(0, ordering: .relaxed)
        }
        for job in jobs { pushLocal(job) }
    }

    func prepareToSleep() -> Bool {
        // What the loop's own thread brought after it ran what was ready: the end of an operation does.
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
        takeRemote()
        while let job = local.pointee.popFirst() { executor?.runElsewhere(job) }
    }
}

internal import AIOEngine
internal import CAIOShims
internal import Synchronization

/// The jobs of one loop, and the loop's client that runs them.
final class JobQueue: LoopClient, @unchecked Sendable {
    // Unchecked: what `own` points to belongs to the loop's thread. It is behind a pointer, as a class's property would be
    // checked for exclusive access at every job.
    let number: Int
    private let rings = JobRings()
    private let isAsleep = Atomic<Bool>(false)
    private let own: UnsafeMutablePointer<Own>

    private struct Own {
        unowned(unsafe) var jobs: ExecutorJobs?
        var executor: UnownedTaskExecutor?
        /// How many jobs were asked for so far.
        var popCount = 0
        var pace = JobPace(caio_monotonic_ns)
    }

    /// How many jobs the loop runs before it submits and reaps again, and for how long, in nanoseconds.
    private static let largestRun = 64
    private static let longestRun: UInt64 = 1_000_000

    init(_ number: Int) {
        self.number = number
        own = .allocate(capacity: 1)
        own.initialize(to: Own())
    }

    deinit {
        own.deinitialize(count: 1)
        own.deallocate()
    }

    /// All jobs of the executor, which outlive this queue's use. Set once, before the loop runs.
    var jobs: ExecutorJobs {
        get { own.pointee.jobs.unsafelyUnwrapped }
        set { own.pointee.jobs = newValue }
    }

    var isEmpty: Bool { rings.isEmpty }

    /// Adds a job; on the loop's own thread only.
    @inline(__always)
    func push(_ job: ExecutorJobs.Job) { rings.append(job.job, priority: job.priority) }

    // MARK: LoopClient

    var owner: AnyObject? { jobs }

    var hasJobs: Bool { !isEmpty || jobs.hasRemote || jobs.hasOthers(than: number) }

    func runReady(at now: UInt64, on loop: EngineLoop) -> Bool {
        let jobs = jobs
        if jobs.hasRemote { jobs.takeRemote(for: self) }
        if rings.isEmpty, jobs.queues.count > 1 { fetchJobs() }
        guard !rings.isEmpty, let executor = executor() else { return false }
        own.pointee.pace.begin(at: now)
        if own.pointee.pace.jobsAreLong, rings.count > 1, jobs.sleepers.load(ordering: .relaxed) > 0 { share() }
        var count = 0
        while count < Self.largestRun, let job = popFirst() {
            job.runSynchronously(on: executor)
            count += 1
            if own.pointee.pace.isTimeToLook() {
                let time = caio_monotonic_ns()
                own.pointee.pace.look(at: time)
                // Jobs that completions would bring are as good as those that are left, and nothing waits for longer than a
                // millisecond.
                if loop.waitingCompletions >= max(1, rings.count) || time &- now > Self.longestRun { break }
                if jobs.sleepers.load(ordering: .relaxed) > 0 { share() }
            }
        }
        return !rings.isEmpty || jobs.hasRemote
    }

    @inline(__always)
    private func popFirst() -> UnownedJob? {
        own.pointee.popCount &+= 1
        return rings.popFirst(own.pointee.popCount)
    }

    private func executor() -> UnownedTaskExecutor? {
        if let known = own.pointee.executor { return known }
        own.pointee.executor = jobs.executor?.asUnownedTaskExecutor()
        return own.pointee.executor
    }

    /// Fetches jobs from a loop that has some.
    private func fetchJobs() {
        let queues = jobs.queues
        for offset in 1..<queues.count where queues[(number + offset) % queues.count].rings.moveHalf(to: rings) {
            return
        }
    }

    /// Wakes another loop, where jobs have waited here for a while.
    private func share() {
        if jobs.queues.count > 1, !rings.isEmpty { jobs.wakeIdle() }
    }

    func prepareToSleep() -> Bool {
        // The loop's own thread adds jobs after it has run the ready ones too: completions resume tasks.
        guard rings.isEmpty else { return false }
        own.pointee.pace.pause()
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        jobs.sleepers.add(1, ordering: .sequentiallyConsistent)
        guard jobs.hasRemoteForSleeper || jobs.hasOthers(than: number) else { return true }
        didWake()
        return false
    }

    func didWake() { _ = claimSleeper() }

    /// - Returns: whether the loop slept until now.
    func claimSleeper() -> Bool {
        guard isAsleep.load(ordering: .relaxed), isAsleep.exchange(false, ordering: .sequentiallyConsistent) else {
            return false
        }
        jobs.sleepers.subtract(1, ordering: .sequentiallyConsistent)
        return true
    }

    func wakeIdle() { jobs.wakeIdle() }

    func loopEnded() {
        let jobs = jobs
        // Before: the last loop may end, and take the executor, while this one passes its jobs on.
        let known = jobs.executor
        guard let executor = jobs.loopEnded() else {
            // The other loops go on.
            while let job = popFirst() { known?.enqueueElsewhere(ExecutorJobs.Job(job)) }
            return
        }
        while jobs.hasRemote { jobs.takeRemote(for: self) }
        while let job = popFirst() { executor.runElsewhere(job) }
    }
}

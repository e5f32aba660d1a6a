internal import AIOEngine
internal import Synchronization

/// The jobs of an ``AIOExecutor``, and the loop's client that runs them.
///
/// What the loop's own thread brings is touched by it alone; what others bring waits behind a lock, and a
/// counter tells the loop when to look.
final class JobQueue: LoopClient, @unchecked Sendable {
    // Sendable by hand: `local` belongs to the loop's thread.
    private var local = JobRing()
    private let remote = Mutex(Remote())
    private let remoteCount = Atomic<Int>(0)
    private let isAsleep = Atomic<Bool>(false)

    private struct Remote {
        var jobs: [UnownedJob] = []
        var executor: AIOExecutor?
        var isClosed = false
    }

    enum Push {
        case queued, wakeLoop, closed
    }

    /// Jobs run before the loop looks after completions again.
    private static let turn = 64

    /// Until the loop has ended the executor stays: its jobs name it without owning it.
    func open(for executor: AIOExecutor) { remote.withLock { $0.executor = executor } }

    func pushLocal(_ job: UnownedJob) -> Push {
        local.append(job)
        return .queued
    }

    func pushRemote(_ job: UnownedJob) -> Push {
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
        guard !local.isEmpty, let executor = remote.withLock({ $0.executor }) else { return false }
        let unowned = executor.asUnownedTaskExecutor()
        var budget = Self.turn
        while budget > 0, let job = local.popFirst() {
            job.runSynchronously(on: unowned)
            budget -= 1
        }
        return !local.isEmpty || remoteCount.load(ordering: .relaxed) > 0
    }

    private func takeRemote() {
        var jobs: [UnownedJob] = []
        remote.withLock { remote in
            swap(&jobs, &remote.jobs)
            remoteCount.store(0, ordering: .relaxed)
        }
        for job in jobs { local.append(job) }
    }

    func prepareToSleep() -> Bool {
        // What the loop's own thread brought after it ran what was ready: the end of an operation does.
        guard local.isEmpty else { return false }
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        guard remoteCount.load(ordering: .sequentiallyConsistent) > 0 else { return true }
        isAsleep.store(false, ordering: .relaxed)
        return false
    }

    func didWake() { isAsleep.store(false, ordering: .relaxed) }

    func loopEnded() {
        let (jobs, executor) = remote.withLock { remote in
            defer {
                remote.jobs = []
                // Breaks the cycle: the executor holds this queue.
                remote.executor = nil
            }
            remote.isClosed = true
            return (remote.jobs, remote.executor)
        }
        guard let executor else { return }
        for job in jobs { local.append(job) }
        while let job = local.popFirst() { executor.runElsewhere(job) }
    }
}

/// A first-in first-out ring of jobs.
struct JobRing: ~Copyable {
    private var jobs: UnsafeMutablePointer<UnownedJob>
    private var capacity: Int
    private var head = 0
    private var count = 0

    init() {
        capacity = 64
        jobs = .allocate(capacity: capacity)
    }

    deinit { jobs.deallocate() }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: UnownedJob) {
        if count == capacity { grow() }
        (jobs + (head + count) & (capacity - 1)).initialize(to: job)
        count += 1
    }

    mutating func popFirst() -> UnownedJob? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) & (capacity - 1)
            count -= 1
        }
        return (jobs + head).move()
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity * 2)
        for place in 0..<count {
            (larger + place).moveInitialize(from: jobs + (head + place) & (capacity - 1), count: 1)
        }
        jobs.deallocate()
        jobs = larger
        capacity *= 2
        head = 0
    }
}

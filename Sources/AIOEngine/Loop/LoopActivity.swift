internal import Synchronization

/// What other loops see of a loop's thread: whether it runs jobs, and since when.
final class LoopActivity: Sendable {
    /// When the last run of jobs began, in nanoseconds times two, and one more while it lasts. 0: never.
    private let jobs = Atomic<UInt64>(0)
    private let caught = Atomic<Bool>(false)

    /// A loop's thread that runs jobs for longer than this is caught in one: another loop stands in for it.
    static let catchingTime: UInt64 = 1_000_000
    /// For so long after its last job a loop is likely to have another.
    private static let lingeringTime: UInt64 = 10_000_000

    /// Whether another loop has found this one's thread caught in a job.
    var isCaught: Bool { caught.load(ordering: .relaxed) }

    func beginJobs(at now: UInt64) {
        // Sequentially consistent, as is the look at the watcher that follows, and as are the mark of a loop that goes to
        // sleep and its look at this word: either this loop sees the other asleep, or the other sees these jobs.
        jobs.store(now << 1 | 1, ordering: .sequentiallyConsistent)
    }

    /// With the ring's lock held.
    func endJobs() {
        jobs.store(jobs.load(ordering: .relaxed) & ~1, ordering: .releasing)
        caught.store(false, ordering: .relaxed)
    }

    /// Whether jobs run now, or did a moment ago.
    func isActive(at now: UInt64) -> Bool {
        let jobs = jobs.load(ordering: .sequentiallyConsistent)
        return jobs & 1 != 0 || jobs != 0 && now &- jobs >> 1 < Self.lingeringTime
    }

    /// Whether the thread is caught in a job.
    func isCaught(at now: UInt64) -> Bool {
        let jobs = jobs.load(ordering: .relaxed)
        return jobs & 1 != 0 && now > jobs >> 1 && now - jobs >> 1 > Self.catchingTime
    }

    /// Whether jobs run now. With the ring's lock held they cannot end meanwhile.
    var isInJobs: Bool { jobs.load(ordering: .acquiring) & 1 != 0 }

    func noteCaught() { caught.store(true, ordering: .relaxed) }
}

/// Which of an engine's idle loops looks after those that run jobs, so that the others may sleep.
final class LoopWatch: Sendable {
    private let watcher = Atomic<Int>(-1)

    var hasWatcher: Bool { watcher.load(ordering: .sequentiallyConsistent) >= 0 }

    /// - Returns: whether the loop is the watcher now.
    func take(_ loop: UInt16) -> Bool {
        let (exchanged, original) = watcher.compareExchange(
            expected: -1, desired: Int(loop), ordering: .sequentiallyConsistent)
        return exchanged || original == Int(loop)
    }

    /// Gives the role up, where the loop has it.
    func leave(_ loop: UInt16) {
        guard watcher.load(ordering: .relaxed) == Int(loop) else { return }
        watcher.store(-1, ordering: .sequentiallyConsistent)
    }
}

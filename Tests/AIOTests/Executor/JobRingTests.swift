import Synchronization
import TestSupport
import Testing

@testable import AIO

/// The rings that idle loops fetch jobs from. A job is a number here, which is never 0: nobody runs it.
@Suite struct JobRingTests {
    private func job(_ number: Int) -> UnownedJob { unsafeBitCast(number + 1, to: UnownedJob.self) }
    private func number(_ job: UnownedJob) -> Int { unsafeBitCast(job, to: Int.self) - 1 }

    @Test(arguments: [1, 63, 64, 65, 1000]) func keepsTheOrderWhileItGrows(count: Int) {
        let ring = JobRing()
        for number in 0..<count { ring.append(job(number)) }
        #expect(ring.count == count)
        #expect((0..<count).compactMap { _ in ring.popFirst().map(number) } == Array(0..<count))
        #expect(ring.popFirst() == nil)
        #expect(ring.isEmpty)
    }

    @Test func wrapsAround() {
        let ring = JobRing()
        var next = 0
        for number in 0..<1000 {
            ring.append(job(number))
            if number % 3 == 0 { continue }
            #expect(ring.popFirst().map(self.number) == next)
            next += 1
        }
        #expect(ring.count == 1000 - next)
    }

    @Test(arguments: [0, 1, 2, 7, 100]) func givesHalfAwayRoundedUpOldestFirst(count: Int) {
        let (ring, thief) = (JobRing(), JobRing())
        for number in 0..<count { ring.append(job(number)) }
        #expect(ring.moveHalf(to: thief) == (count > 0))
        let half = (count + 1) / 2
        #expect((0..<half).compactMap { _ in thief.popFirst().map(number) } == Array(0..<half))
        #expect(ring.popFirst().map(number) == (half < count ? half : nil))
    }

    @Test func fetchesTheMostUrgentJobs() {
        let (rings, thief) = (JobRings(), JobRings())
        for (number, priority) in [(1, 0x09), (2, 0x15), (3, 0x19), (4, 0x19)] {
            rings.append(job(number), priority: UInt8(priority))
        }
        #expect(rings.moveHalf(to: thief))
        #expect(thief.popFirst(1).map(number) == 3)
        #expect((1...3).compactMap { rings.popFirst($0).map(number) } == [4, 2, 1])
    }

    /// An owner that appends and takes, and others that take at the same time: each job is taken once.
    @Test func losesAndDoublesNothingAmongSeveralThreads() async throws {
        let (ring, total) = (JobRing(), 200_000)
        let taken = (0...total).map { _ in Taken() }
        let isOver = Switch()
        @Sendable func take(_ job: UnownedJob) {
            taken[unsafeBitCast(job, to: Int.self) - 1].count.add(1, ordering: .relaxed)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await onThread {
                        let own = JobRing()
                        while !isOver.isOn {
                            _ = ring.moveHalf(to: own)
                            while let job = own.popFirst() { take(job) }
                        }
                    }
                }
            }
            try await onThread {
                var next = 1
                var random = SplitMix64(seed: 7)
                while next <= total {
                    for _ in 0..<Int(random.next() % 200) where next <= total {
                        ring.append(job(next))
                        next += 1
                    }
                    for _ in 0..<Int(random.next() % 100) { if let job = ring.popFirst() { take(job) } }
                }
                while let job = ring.popFirst() { take(job) }
                isOver.turnOn()
            }
            try await group.waitForAll()
        }
        #expect(taken.dropFirst().allSatisfy { $0.count.load(ordering: .relaxed) == 1 })
    }

    private final class Taken: Sendable {
        let count = Atomic<Int>(0)
    }
}

/// When a loop looks at the clock between jobs.
@Suite struct JobPaceTests {
    /// Returns after how many jobs of a duration the pace looks, once it knows them.
    private func interval(_ nanoseconds: UInt64) -> Int {
        var (pace, now, looks) = (JobPace(clockCost: 25), UInt64(1_000_000), [Int]())
        pace.begin(at: now)
        for number in 1...200 {
            now += nanoseconds
            guard pace.isTimeToLook() else { continue }
            pace.look(at: now)
            looks.append(number)
        }
        return looks[2] - looks[1]
    }

    @Test(arguments: [(10, 32), (1_000, 32), (10_000, 10), (50_000, 2), (100_000, 1), (10_000_000, 1)])
    func looksAboutEveryTenthOfAMillisecond(nanoseconds: UInt64, jobs: Int) {
        #expect(interval(nanoseconds) == jobs)
    }

    @Test func looksLessOftenWhereTheClockIsSlow() {
        var time: UInt64 = 0
        var pace = JobPace {
            time += 1_000
            return time
        }
        pace.begin(at: 0)
        for number in 1...10 { if pace.isTimeToLook() { pace.look(at: UInt64(number) * 100_000) } }
        // A thousand times the cost of a look: ten such jobs instead of one.
        #expect(!pace.jobsAreLong)
    }

    /// What the loop slept between two runs of jobs was no job's time.
    @Test func forgetsTheTimeOfASleep() {
        var pace = JobPace(clockCost: 25)
        pace.begin(at: 0)
        for time in 1...100 {
            if pace.isTimeToLook() { pace.look(at: UInt64(time) * 100) }
        }
        #expect(!pace.jobsAreLong)
        pace.pause()
        pace.begin(at: 1_000_000_000)
        _ = pace.isTimeToLook()
        pace.pause()
        pace.begin(at: 2_000_000_000)
        #expect(!pace.jobsAreLong)
    }

    @Test func noticesThatJobsHaveGrownLong() {
        var pace = JobPace(clockCost: 25)
        pace.begin(at: 0)
        for time in 1...100 {
            if pace.isTimeToLook() { pace.look(at: UInt64(time) * 100) }
        }
        // Less than what was left until the next look, and then the next run begins.
        for _ in 0..<4 { _ = pace.isTimeToLook() }
        pace.begin(at: 10_000_000)
        #expect(pace.jobsAreLong)
    }
}

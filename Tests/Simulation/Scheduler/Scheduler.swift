import Glibc
import TestSupport

/// Runs the simulated threads of one scenario, one at a time, on a virtual clock.
///
/// The running thread has the baton. Each seam that it comes through is a step: the clock goes on a little, the oracles look at
/// the engine, and the schedule may give the baton to another thread. When nobody can run, the clock jumps to the next moment
/// at which somebody can. When there is no such moment the threads are in a deadlock, which is a failure.
///
/// - `Scheduler.swift`: steps.
/// - `Scheduler+Threads.swift`: threads begin, sleep, are woken and end.
/// - `Scheduler+Failure.swift`: the end of a scenario that failed.
final class Scheduler: @unchecked Sendable {
    // Unchecked: belongs to the holder of the baton.
    var now: UInt64 = 1_000_000_000
    private(set) var steps = 0
    var schedule: Schedule
    /// Threads that have not ended.
    var threads: [SimulatedThread] = []
    var current: SimulatedThread!
    /// The names of all threads that there were, by number.
    var names: [String] = []
    let carriers: CarrierPool
    var trace = Trace()
    var failure: String?
    /// Signalled once at the end.
    let end: UnsafeMutablePointer<sem_t>
    private var candidates: [SimulatedThread] = []

    /// Looks at the engine after each step; returns a sentence for what is wrong.
    var check: () -> String? = { nil }
    /// What is unfinished, in words.
    var unfinished: () -> String = { "" }
    /// When an operation began or completed last.
    var lastProgress: UInt64 = 1_000_000_000
    /// Whether one of the engine's real locks is held: then by the running thread, which keeps the baton.
    var isLocked: () -> Bool = { false }
    /// One wait in a monitor in so many ends for no reason; 0: none.
    let spuriousWakeOneIn: Int
    private var faults: SplitMix64

    /// Where nothing happens for so many nanoseconds, nothing will.
    private static let patience: UInt64 = 1_000_000_000

    init(_ schedule: Schedule, faultSeed: UInt64, spuriousWakeOneIn: Int, carriers: CarrierPool) {
        self.schedule = schedule
        self.spuriousWakeOneIn = spuriousWakeOneIn
        self.carriers = carriers
        faults = SplitMix64(seed: faultSeed)
        end = .allocate(capacity: 1)
        sem_init(end, 0, 0)
    }

    deinit { end.deallocate() }

    /// A seam: one step, after which another thread may run.
    func pass(_ seam: Seam, _ first: Int = 0, _ second: Int = 0) {
        let mayGiveBaton = step(seam, first, second)
        guard mayGiveBaton, !schedule.keepsBaton(current, at: steps) else { return }
        giveBaton()
    }

    /// One step after which the same thread goes on.
    ///
    /// - Returns: whether the baton could be given away.
    @discardableResult
    func step(_ seam: Seam, _ first: Int = 0, _ second: Int = 0) -> Bool {
        steps += 1
        now += schedule.tick()
        trace.append(Trace.Entry(time: now, thread: current.number, seam: seam, first: first, second: second))
        guard !isLocked() else { return false }
        if now > lastProgress + Self.patience { fail("nothing happens any more: \(unfinished())") }
        if let wrong = check() { fail(wrong) }
        return current.monitorsHeld == 0
    }

    /// Gives the baton to a thread that can run: perhaps to the one that has it.
    func giveBaton() {
        let running = current!
        if spuriousWakeOneIn > 0, faults.next() % UInt64(spuriousWakeOneIn) == 0 { wakeForNoReason() }
        guard let next = chooseNext() else { fail("nobody can run: \(sleepers); \(unfinished())") }
        guard next !== running else { return }
        current = next
        next.carrier.resume()
        running.carrier.park()
    }

    /// Chooses a thread that can run, now or as soon as one can.
    ///
    /// - Returns: nil where none ever can.
    func chooseNext() -> SimulatedThread? {
        while true {
            candidates.removeAll(keepingCapacity: true)
            var earliest = UInt64.max
            for thread in threads {
                if thread.state == .asleep, let deadline = thread.deadline {
                    if deadline <= now { thread.state = .runnable } else { earliest = min(earliest, deadline) }
                }
                if thread.state == .runnable { candidates.append(thread) }
            }
            if !candidates.isEmpty { return schedule.choose(candidates) }
            guard earliest < .max else { return nil }
            now = earliest
        }
    }

    private func wakeForNoReason() {
        let sleeping = threads.filter { $0.state == .asleep && $0.mayWakeSpuriously }
        guard !sleeping.isEmpty else { return }
        wake(sleeping[Int(faults.next() % UInt64(sleeping.count))])
    }
}

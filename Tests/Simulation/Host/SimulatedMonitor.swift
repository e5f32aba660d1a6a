@testable import AIOEngine

/// A monitor whose holder keeps the baton, so that nobody ever waits for its lock: what goes on under a lock is one step to
/// everybody else.
final class SimulatedMonitor: ThreadMonitor, @unchecked Sendable {
    private let scheduler: Scheduler
    private var holder: SimulatedThread?
    private var sleepers: [SimulatedThread] = []

    init(_ scheduler: Scheduler) { self.scheduler = scheduler }

    func lock() {
        scheduler.pass(.lock)
        take()
    }

    private func take() {
        if let holder { scheduler.fail("thread \(holder.number) holds the monitor that another one locks") }
        holder = scheduler.current
        scheduler.current.monitorsHeld += 1
    }

    func unlock() {
        release()
        scheduler.pass(.unlock)
    }

    private func release() {
        if holder !== scheduler.current { scheduler.fail("a thread unlocks a monitor that it does not hold") }
        holder = nil
        scheduler.current.monitorsHeld -= 1
    }

    func wait(nanoseconds: Int64?) -> Bool {
        scheduler.step(.wait, Int(nanoseconds ?? -1))
        release()
        let thread = scheduler.current!
        sleepers.append(thread)
        let deadline = nanoseconds.map { scheduler.now + UInt64(max(0, $0)) }
        let wasWoken = scheduler.sleep(until: deadline, mayWakeSpuriously: true)
        sleepers.removeAll { $0 === thread }
        take()
        return wasWoken
    }

    func wakeOne() {
        scheduler.pass(.wakeOne)
        guard !sleepers.isEmpty else { return }
        scheduler.wake(sleepers.removeFirst())
    }

    func wakeAll() {
        scheduler.pass(.wakeAll)
        for sleeper in sleepers { scheduler.wake(sleeper) }
        sleepers = []
    }
}

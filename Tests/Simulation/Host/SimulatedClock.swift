@testable import AIOEngine

/// The scenario's clock.
final class SimulatedClock: EngineClock, @unchecked Sendable {
    // Unchecked, as everything that has the scheduler: belongs to the holder of the baton.
    private let scheduler: Scheduler

    init(_ scheduler: Scheduler) { self.scheduler = scheduler }

    func now() -> UInt64 {
        scheduler.pass(.now)
        return scheduler.now
    }

    func pause(nanoseconds: Int) {
        scheduler.step(.pause, nanoseconds)
        scheduler.pause(UInt64(nanoseconds))
    }
}

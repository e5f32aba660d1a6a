@testable import AIOEngine

/// The jobs of one loop, as an executor has them.
final class SimulatedClient: LoopClient, @unchecked Sendable {
    // Unchecked: belongs to the holder of the baton.
    unowned(unsafe) let world: World
    let number: Int
    private var jobs: [() -> Void] = []
    private var isAsleep = false
    private var isOver = false
    /// How many jobs one iteration of the loop runs at most.
    private static let patience = 3

    init(_ world: World, _ number: Int) {
        self.world = world
        self.number = number
    }

    /// Has the loop's thread run a job, or some other thread once the loop has ended.
    func push(_ job: @escaping () -> Void) {
        guard !isOver else { return runElsewhere([job]) }
        jobs.append(job)
        world.scheduler.pass(.job, number)
        wakeIfAsleep()
    }

    var hasJobs: Bool { !jobs.isEmpty }

    func runReady(at now: UInt64, on loop: EngineLoop) -> Bool {
        world.scheduler.pass(.runJobs, number, jobs.count)
        var left = Self.patience
        while left > 0, !jobs.isEmpty {
            jobs.removeFirst()()
            left -= 1
        }
        return !jobs.isEmpty
    }

    func prepareToSleep() -> Bool {
        guard jobs.isEmpty else { return false }
        isAsleep = true
        world.scheduler.pass(.prepareToSleep, number)
        return true
    }

    func didWake() { isAsleep = false }

    func wakeIdle() {
        world.scheduler.pass(.wakeIdle, number)
        for client in world.clients where client !== self && client.wakeIfAsleep() { return }
    }

    @discardableResult
    private func wakeIfAsleep() -> Bool {
        guard isAsleep, let engine = world.engine else { return false }
        isAsleep = false
        engine.wakeLoop(number)
        return true
    }

    func loopEnded() {
        isOver = true
        let left = jobs
        jobs = []
        runElsewhere(left)
    }

    private func runElsewhere(_ jobs: [() -> Void]) {
        guard !jobs.isEmpty else { return }
        world.jobsElsewhere += 1
        world.start("jobs") {
            for job in jobs { job() }
            self.world.jobsElsewhere -= 1
            self.world.wakeEndWaiter()
        }
    }
}

/// Finds a smaller scenario that fails, too: fewer actors and actions, fewer faults, a plainer configuration.
///
/// What is left out changes everything after it, so that each smaller scenario is tried on several schedules.
struct Shrinker {
    private let carriers: CarrierPool
    /// Runs that are left. A run that fails leaves its threads behind.
    private var budget = 600
    private(set) var smallest: Run

    /// Shrinks a run that failed.
    static func shrink(_ run: Run, on carriers: CarrierPool) -> Run {
        var shrinker = Shrinker(run, carriers)
        while shrinker.shrinkOnce() {}
        return shrinker.smallest
    }

    private init(_ run: Run, _ carriers: CarrierPool) {
        smallest = run
        self.carriers = carriers
    }

    /// Goes through all reductions once; false when none was one.
    private mutating func shrinkOnce() -> Bool {
        let before = smallest.scenario.size
        _ = attempt { $0.repeats = false }
        removeActors()
        removeActions()
        removeFaults()
        simplify()
        return smallest.scenario.size < before && budget > 0
    }

    /// Keeps a change if the scenario still fails.
    private mutating func attempt(schedules: UInt64 = 4, _ change: (inout Scenario) -> Void) -> Bool {
        var scenario = smallest.scenario
        change(&scenario)
        guard scenario.size < smallest.scenario.size else { return false }
        for schedule in 0..<schedules where budget > 0 {
            budget -= 1
            scenario.runSeed = smallest.scenario.runSeed &+ schedule
            let run = Run(scenario, on: carriers)
            guard run.failure != nil, run.failureKind == smallest.failureKind else { continue }
            smallest = run
            return true
        }
        return false
    }

    private mutating func removeActors() {
        var actor = 0
        while actor < smallest.scenario.actors.count, smallest.scenario.actors.count > 1 {
            if !attempt({ $0.actors.remove(at: actor) }) { actor += 1 }
        }
    }

    /// Removes actions: halves, then quarters, and so on to single ones.
    private mutating func removeActions() {
        for actor in smallest.scenario.actors.indices {
            var length = max(1, smallest.scenario.actors[actor].count / 2)
            while true {
                var start = 0
                while start < smallest.scenario.actors[actor].count {
                    let end = min(start + length, smallest.scenario.actors[actor].count)
                    if !attempt({ $0.actors[actor].removeSubrange(start..<end) }) { start = end }
                }
                if length == 1 { break }
                length /= 2
            }
        }
    }

    private mutating func removeFaults() {
        for rate in Faults.rates { _ = attempt { $0.faults[keyPath: rate] = .never } }
        _ = attempt { $0.faults.isSlow = false }
    }

    private mutating func simplify() {
        _ = attempt { scenario in
            scenario.actors = scenario.actors.map { $0.map(\.plain) }
        }
        for actor in smallest.scenario.actors.indices {
            for index in smallest.scenario.actors[actor].indices {
                _ = attempt(schedules: 2) { $0.actors[actor][index] = $0.actors[actor][index].plain }
            }
        }
        _ = attempt { $0.pollingNanoseconds = 0 }
        _ = attempt { $0.maximumPending = nil }
        _ = attempt { $0.refusals = 0 }
        _ = attempt { $0.prepares = true }
        _ = attempt { $0.fallsBack = false }
        _ = attempt { $0.blockingThreads = 1 }
    }
}

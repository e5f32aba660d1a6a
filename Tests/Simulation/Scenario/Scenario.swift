import AIOKernel
import TestSupport

@testable import AIOEngine

/// All that a run depends on, drawn from a seed: the engine's configuration, what goes wrong, what the actors do, and the
/// schedule.
struct Scenario: Sendable {
    let seed: UInt64
    var loops = 1
    var queueDepth = 4
    var maximumPending: Int?
    var blockingThreads = 2
    var prepares = true
    /// Whether the kernel refuses for good, and blocking threads take its place.
    var fallsBack = false
    /// How often the kernel refuses at first.
    var refusals = 0
    var leastQueueDepth: Int?
    var pollingNanoseconds: UInt64 = 0
    var hasJobs = false
    var hasLongJobs = false
    var hasLongIdleness = false
    var files = 2
    var faults = Faults()
    /// What each actor does, on a thread of its own.
    var actors: [[Action]] = []
    var closesCancelling = false
    var mode = Schedule.Mode.random(oneIn: 2)
    /// Whether some polls complete only when they are cancelled.
    var hasEndlessPolls = false
    /// Whether the actors begin again where they have made fewer steps than ``leastSteps``.
    var repeats = true
    static let leastSteps = 200
    /// What the schedule and the devices go by.
    var runSeed: UInt64

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed &* 0x9e37_79b9 &+ 77)
        runSeed = random.next()
        drawConfiguration(&random)
        faults = .random(&random)
        let count = Int.random(in: 1...4, using: &random)
        let actions = Int.random(in: 24...52, using: &random) / count
        for _ in 0..<count { actors.append((0..<actions).map { _ in .random(&random, in: self) }) }
        if hasLongIdleness { actors[0] += quietEnd(&random) }
        drawClosing(&random)
        switch random.next() % 4 {
        case 0: mode = .ranked(changes: Int.random(in: 1...6, using: &random))
        case 1: mode = .random(oneIn: 8)
        case 2: mode = .random(oneIn: 3)
        default: mode = .random(oneIn: 1)
        }
    }

    private mutating func drawConfiguration(_ random: inout SplitMix64) {
        loops = Int.random(in: 1...3, using: &random)
        queueDepth = Int.random(in: 1...8, using: &random)
        maximumPending = random.next() % 3 == 0 ? Int.random(in: 0...6, using: &random) : nil
        blockingThreads = Int.random(in: 1...4, using: &random)
        prepares = random.next() % 3 != 0
        fallsBack = random.next() % 6 == 0
        refusals = !prepares && random.next() % 3 == 0 ? Int.random(in: 1...3, using: &random) : 0
        leastQueueDepth = random.next() % 4 == 0 ? 1 : nil
        pollingNanoseconds = random.next() % 8 == 0 ? UInt64.random(in: 1_000..<40_000, using: &random) : 0
        hasJobs = random.next() % 2 == 0
        hasLongJobs = hasJobs && random.next() % 2 == 0
        hasLongIdleness = random.next() % 4 == 0
        files = Int.random(in: 1...3, using: &random)
    }

    /// What comes when the loops sleep without a limit: operations whose waiters are cancelled.
    private func quietEnd(_ random: inout SplitMix64) -> [Action] {
        var actions: [Action] = [.idle(150_000_000)]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            var one = OperationSpecification(hasWaiter: true)
            if !fallsBack, random.next() % 2 == 0 { (one.kind, one.policy) = (.poll, .report) }
            actions += [.start(one), .cancelWaiter(0), .idle(UInt64.random(in: 0..<60_000_000, using: &random))]
        }
        return actions
    }

    /// Closes the engine while the actors are at work, now and then.
    private mutating func drawClosing(_ random: inout SplitMix64) {
        closesCancelling = random.next() % 2 == 0
        hasEndlessPolls = closesCancelling && random.next() % 2 == 0
        guard random.next() % 4 == 0 else { return }
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let actor = Int.random(in: 0..<actors.count, using: &random)
            let place = Int.random(in: actors[actor].count / 2...actors[actor].count, using: &random)
            actors[actor].insert(.close(cancelling: random.next() % 2 == 0), at: place)
        }
    }
}

import TestSupport

/// How often something goes wrong: one time in so many; 0: never.
struct FaultRate: Equatable, Sendable {
    var oneIn: Int

    static let never = FaultRate(oneIn: 0)

    func happens(_ random: inout SplitMix64) -> Bool { oneIn > 0 && random.next() % UInt64(oneIn) == 0 }
}

/// What goes wrong in a scenario.
struct Faults: Equatable, Sendable {
    // io_submit
    var interruptedSubmissions = FaultRate.never
    var fullQueues = FaultRate.never
    var partialAccepts = FaultRate.never
    var refusedBlocks = FaultRate.never
    var slowSubmissions = FaultRate.never
    // Results
    var noWaitRefusals = FaultRate.never
    var errors = FaultRate.never
    var shortResults = FaultRate.never
    var isSlow = false
    // io_getevents
    var interruptedSleeps = FaultRate.never
    var reapingErrors = FaultRate.never
    var strayEvents = FaultRate.never
    // io_cancel
    var latePolls = FaultRate.never
    var grantedCancellations = FaultRate.never
    // Threads
    var missingThreads = FaultRate.never
    var spuriousWakes = FaultRate.never

    /// The rates, for drawing and for shrinking.
    static var rates: [WritableKeyPath<Faults, FaultRate>] {
        [
            \.interruptedSubmissions, \.fullQueues, \.partialAccepts, \.refusedBlocks, \.slowSubmissions,
            \.noWaitRefusals, \.errors, \.shortResults, \.interruptedSleeps, \.reapingErrors, \.strayEvents,
            \.latePolls, \.grantedCancellations, \.missingThreads, \.spuriousWakes,
        ]
    }

    /// Draws about a third of all faults, at rates of their own.
    static func random(_ random: inout SplitMix64) -> Faults {
        var faults = Faults()
        for rate in rates where random.next() % 3 == 0 { faults[keyPath: rate].oneIn = 2 << Int(random.next() % 5) }
        faults.isSlow = random.next() % 2 == 0
        return faults
    }
}

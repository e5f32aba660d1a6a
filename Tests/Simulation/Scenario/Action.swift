import TestSupport

/// One thing that an actor does.
indirect enum Action: Equatable, Sendable {
    case start(OperationSpecification)
    case startTogether([OperationSpecification])
    /// Cancels the operation that was started so many operations ago.
    case cancel(Int)
    /// Cancels its waiter, which a scan finds.
    case cancelWaiter(Int)
    case close(cancelling: Bool)
    case closeFile(Int)
    case snapshot
    case inspect
    /// Does nothing for a while.
    case idle(UInt64)
    /// Has a loop's thread do this, and be busy for a while after it.
    case job(loop: Int, busy: UInt64, [Action])
    case wakeLoop(Int)
    /// Counts an operation that was done on the spot.
    case inline(Int)
}

extension Action {
    /// Draws an action of a scenario.
    static func random(_ random: inout SplitMix64, in scenario: Scenario, isInJob: Bool = false) -> Action {
        func specification() -> OperationSpecification {
            .random(&random, files: scenario.files, hasPolls: !scenario.fallsBack)
        }
        switch random.next() % 64 {
        case 0..<26: return .start(specification())
        case 26..<34: return .startTogether((0..<Int.random(in: 2...6, using: &random)).map { _ in specification() })
        case 34..<41: return .cancel(Int(random.next() % 8))
        case 41..<46: return .cancelWaiter(Int(random.next() % 8))
        case 46..<48: return .snapshot
        case 48..<49: return .inspect
        case 49..<50: return .inline(Int(random.next() % 4096))
        case 50..<51: return .closeFile(Int(random.next() % UInt64(scenario.files)))
        case 51..<52: return .wakeLoop(Int(random.next() % UInt64(scenario.loops)))
        case 52..<60 where scenario.hasJobs && !isInJob:
            let loop = Int(random.next() % UInt64(scenario.loops))
            let actions = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                Action.random(&random, in: scenario, isInJob: true)
            }
            return .job(loop: loop, busy: busyTime(&random, loop, scenario), actions)
        default:
            return isInJob ? .start(specification()) : .idle(idleTime(&random, scenario))
        }
    }

    /// Only one loop's jobs are long, so that there is one to stand in for it.
    private static func busyTime(_ random: inout SplitMix64, _ loop: Int, _ scenario: Scenario) -> UInt64 {
        if loop == 0, scenario.hasLongJobs {
            switch random.next() % 4 {
            case 0: return UInt64.random(in: 40_000_000..<90_000_000, using: &random)
            case 1...2: return UInt64.random(in: 1_000_000..<5_000_000, using: &random)
            default: break
            }
        }
        return UInt64.random(in: 0..<60_000, using: &random)
    }

    private static func idleTime(_ random: inout SplitMix64, _ scenario: Scenario) -> UInt64 {
        switch random.next() % 16 {
        case 0..<10: UInt64.random(in: 0..<50_000, using: &random)
        case 10..<15: UInt64.random(in: 50_000..<4_000_000, using: &random)
        // Long enough for the loops to sleep without a limit.
        default: scenario.hasLongIdleness ? 130_000_000 : 1_000_000
        }
    }
}

import Glibc
import TestSupport
import Testing

/// The engine on a virtual kernel, a virtual clock and simulated threads, in the order that a seed says.
@Suite(.serialized) struct SimulationTests {
    @Test func theSameSeedIsTheSameTrace() async throws {
        try await onThread {
            let (some, others) = (CarrierPool(), CarrierPool())
            for seed: UInt64 in 1...40 {
                let first = Run(Scenario(seed: seed), on: some)
                let second = Run(Scenario(seed: seed), on: others)
                #expect(first.trace == second.trace, "seed \(seed)")
                #expect(first.failure == second.failure, "seed \(seed)")
            }
        }
    }

    /// `make sim` says how many, or which one: SIM_SCENARIOS, SIM_FIRST, SIM_SEED.
    @Test func noScenarioFails() async throws {
        let seeds = seedsOfEnvironment()
        let start = ContinuousClock.now
        let summary = try await Search(seeds).run(workers: 2)
        let steps = summary.steps.sorted()
        print(
            "\(steps.count) scenarios in \(ContinuousClock.now - start): "
                + "\(steps.first ?? 0) to \(steps.last ?? 0) steps, median \(steps[steps.count / 2]), "
                + "\(steps.count { $0 < 200 }) of fewer than 200")
        guard let failure = summary.failure else { return }
        let report = try await onThread { "\(Report(failure, on: CarrierPool()))" }
        Issue.record("\(report)")
    }
}

/// The seeds to run: 10,000 without the environment's word.
private func seedsOfEnvironment() -> Range<UInt64> {
    func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }
    if let seed = number("SIM_SEED") { return seed..<seed + 1 }
    let first = number("SIM_FIRST") ?? 1
    return first..<first + (number("SIM_SCENARIOS") ?? 10_000)
}

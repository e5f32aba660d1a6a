import Synchronization
import TestSupport

/// Runs the scenarios of many seeds, until one fails.
final class Search: Sendable {
    struct Summary {
        /// The steps of each scenario.
        var steps: [Int] = []
        /// The failed run of the lowest seed among those that were tried.
        var failure: Run?
    }

    private let seeds: Range<UInt64>
    private let next: Atomic<UInt64>
    private let summary = Mutex(Summary())

    init(_ seeds: Range<UInt64>) {
        self.seeds = seeds
        next = Atomic(seeds.lowerBound)
    }

    /// Runs the scenarios on so many threads of the system, each of which runs scenarios of its own.
    func run(workers: Int) async throws -> Summary {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers { group.addTask { try await onThread { self.work() } } }
            try await group.waitForAll()
        }
        return summary.withLock { $0 }
    }

    private func work() {
        let carriers = CarrierPool()
        while true {
            let seed = next.add(1, ordering: .relaxed).oldValue
            guard seed < seeds.upperBound, summary.withLock({ $0.failure == nil }) else { return }
            note(Run(Scenario(seed: seed), on: carriers))
        }
    }

    private func note(_ run: Run) {
        summary.withLock { summary in
            summary.steps.append(run.steps)
            guard run.failure != nil else { return }
            if let known = summary.failure, known.scenario.seed < run.scenario.seed { return }
            summary.failure = run
        }
    }
}

/// Tasks that share a run: what every async engine's depth is made of.
package enum Crew {
    /// - Parameters:
    ///   - count: How many tasks.
    ///   - executors: Where they prefer to run, by turns; none for the default.
    ///   - worker: One task's whole part in the run, given its number; returns how many operations it did.
    package static func run(
        _ count: Int, on executors: [any TaskExecutor] = [],
        _ worker: @escaping @Sendable @concurrent (_ number: Int) async throws -> Int
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                let executor = executors.isEmpty ? nil : executors[number % executors.count]
                group.addTask(executorPreference: executor) { try await worker(number) }
            }
            return try await group.reduce(0, +)
        }
    }
}

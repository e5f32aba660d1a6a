/// Tasks that share a run: an async engine has as many as its depth.
package enum Crew {
    /// - Parameters:
    ///   - count: How many tasks.
    ///   - executors: The tasks' preferred executors, round-robin; none for the default.
    ///   - worker: Performs one task's part of the run, given its number; returns how many operations it performed.
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

/// Tasks that share a run: what every async engine's depth is made of.
package enum Crew {
    /// - Parameters:
    ///   - count: How many tasks.
    ///   - executor: Where each of them prefers to run; nil for the default.
    ///   - worker: One task's whole part in the run; returns how many operations it did.
    package static func run(
        _ count: Int, on executor: (any TaskExecutor)? = nil,
        _ worker: @escaping @Sendable @concurrent () async throws -> Int
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<count { group.addTask(executorPreference: executor, operation: worker) }
            return try await group.reduce(0, +)
        }
    }
}

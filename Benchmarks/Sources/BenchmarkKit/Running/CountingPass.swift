import CSupport

/// Heap allocations and system calls per operation, from two short runs that are not timed.
///
/// The difference between a long run and a short one excludes what a run costs once: its tasks, its threads.
package struct CountingPass: Sendable {
    package var allocationsPerOperation: Double?
    package var systemCallsPerOperation: Double?

    package init(_ session: any EngineSession, _ run: (_ seconds: Double) -> Run) async throws {
        let short = try await Self.count(session, run(0.02))
        let long = try await Self.count(session, run(0.08))
        let operations = Double(long.operations - short.operations)
        guard operations > 0 else { return }
        func slope(_ low: Int?, _ high: Int?) -> Double? {
            guard let low, let high else { return nil }
            return Double(high - low) / operations
        }
        // The difference can be slightly negative when the short run had an allocation or call that happens only once.
        allocationsPerOperation = slope(short.allocations, long.allocations).map { max(0, $0) }
        systemCallsPerOperation = slope(short.systemCalls, long.systemCalls).map { max(0, $0) }
    }

    private struct Counts {
        var operations: Int
        var allocations: Int?
        var systemCalls: Int?
    }

    private static func count(_ session: any EngineSession, _ run: Run) async throws -> Counts {
        let counter = bench_syscalls_start()
        bench_allocations_start()
        let outcome: Result<Tally, any Error>
        do { outcome = .success(try await session.run(run)) } catch { outcome = .failure(error) }
        let allocations = bench_allocations_stop()
        let systemCalls = counter.map { bench_syscalls_stop($0) }
        let tally = try outcome.get()
        return Counts(
            operations: tally.operations, allocations: bench_allocations_available() ? Int(allocations) : nil,
            systemCalls: systemCalls.map(Int.init) ?? tally.systemCalls)
    }
}

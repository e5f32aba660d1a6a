import AIO
import Synchronization

/// A task, and whether it has completed.
struct Watched<Success: Sendable>: Sendable {
    let task: Task<Success, any Error>
    private let ended: Once

    init(
        on executor: AIOExecutor? = nil, priority: TaskPriority? = nil,
        _ body: @escaping @Sendable () async throws -> Success
    ) {
        let ended = Once()
        self.ended = ended
        task = Task(executorPreference: executor, priority: priority) {
            defer { ended.count.add(1, ordering: .sequentiallyConsistent) }
            return try await body()
        }
    }

    var hasEnded: Bool { ended.count.load(ordering: .sequentiallyConsistent) > 0 }
    func cancel() { task.cancel() }
    var value: Success { get async throws { try await task.value } }

    private final class Once: Sendable {
        let count = Atomic<Int>(0)
    }
}

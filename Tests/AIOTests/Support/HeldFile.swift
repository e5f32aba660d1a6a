import AIOEngine
import ForkSafeMutex
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// A file whose requests wait until the test lets them go, and a context that does I/O on it.
struct HeldFile: Sendable {
    let system: SlowFileSystem
    let path: FilePath
    let file: AIOFile
    let context: AIOContext
    static let pattern = BytePattern(seed: 23)
    static let size = 1 << 20

    init(_ caching: AIOFile.Caching = .direct, depth: Int = 8, blockingThreads: Int = 4) async throws {
        // Starting and stopping it blocks, and the cooperative threads are few.
        system = try await onThread { try SlowFileSystem() }
        path = try system.addFile("data", size: Self.size, pattern: Self.pattern)
        context = try AIOContext(lifecycleConfiguration(depth: depth, blockingThreads: blockingThreads))
        file = try await AIOFile.open(path, .readWrite, caching: caching, on: context)
    }

    /// Lets everything go, and holds the context to its books.
    func end(_ location: SourceLocation = #_sourceLocation) async throws {
        for kind in SlowFileSystem.Kind.allCases { try system.release(kind) }
        try await file.close()
        try await context.shutdown()
        expectBalanced(context.statistics, location)
        try await onThread { [system] in system.stop() }
    }
}

func lifecycleConfiguration(depth: Int = 8, blockingThreads: Int = 4, name: String = "life") -> AIOContext.Configuration
{
    var configuration = AIOContext.Configuration()
    configuration.queueDepth = depth
    configuration.blockingThreads = blockingThreads
    configuration.name = name
    return configuration
}

/// What must hold once all has ended.
func expectBalanced(_ statistics: AIOStatistics, _ location: SourceLocation = #_sourceLocation) {
    #expect(statistics.submitted + statistics.inline == statistics.completed, sourceLocation: location)
    #expect((statistics.inFlight, statistics.pending) == (0, 0), sourceLocation: location)
    #expect(statistics.spuriousEvents == 0, sourceLocation: location)
}

extension AIOContext {
    /// Whether some operation's cancellation was noticed, and its end is being waited for.
    var waitsForACancelledOne: Bool {
        engine.core.withLock { core in
            (0..<core.ledger.count).contains { core.ledger.cancellationRequest(UInt32($0)) != .none }
        }
    }
}

/// A task, and whether it has ended.
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

/// `AIOError` with this code, and nothing else.
func expectCode<R: Sendable>(
    _ code: AIOError.Code, _ location: SourceLocation = #_sourceLocation,
    _ body: () async throws -> R
) async {
    do {
        let value = try await body()
        Issue.record("no error but \(value)", sourceLocation: location)
    } catch {
        #expect((error as? AIOError)?.code == code, "\(error)", sourceLocation: location)
    }
}

func expectCancelled<R: Sendable>(
    _ location: SourceLocation = #_sourceLocation, _ body: () async throws -> R
) async {
    await #expect(throws: CancellationError.self, sourceLocation: location) { _ = try await body() }
}

/// Off, then on.
final class Switch: Sendable {
    private let value = Atomic<Bool>(false)
    var isOn: Bool { value.load(ordering: .acquiring) }
    func turnOn() { value.store(true, ordering: .releasing) }
}

import AIO
import SystemPackage
import TestSupport
import Testing

/// A file on a slow file system, which holds its operations until the test releases them, and a context for it.
struct HeldFile: Sendable {
    let system: SlowFileSystem
    let path: FilePath
    let file: AIOFile
    let context: AIOContext
    static let pattern = BytePattern(seed: 23)
    static let size = 1 << 20

    init(_ caching: AIOFile.Caching = .direct, depth: Int = 8, blockingThreads: Int = 4) async throws {
        // Starting and stopping the file system blocks, which the cooperative threads must not.
        system = try await onThread { try SlowFileSystem() }
        path = try system.addFile("data", size: Self.size, pattern: Self.pattern)
        context = try AIOContext(lifecycleConfiguration(depth: depth, blockingThreads: blockingThreads))
        file = try await AIOFile.open(path, .readWrite, caching: caching, on: context)
    }

    /// Releases all operations, shuts the context down and checks its statistics.
    func end(_ location: SourceLocation = #_sourceLocation) async throws {
        for kind in SlowFileSystem.Kind.allCases { try system.release(kind) }
        try await file.close()
        try await context.shutdown()
        expectBalanced(context.statistics, location)
        try await onThread { [system] in system.stop() }
    }
}

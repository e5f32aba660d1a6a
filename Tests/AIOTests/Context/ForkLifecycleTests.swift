import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// Releasing files and contexts in a child after fork(2), as far as it can be tested without Swift concurrency.
@Suite struct ForkLifecycleTests {
    @Test func releasingEverythingInTheChildDoesNotDisturbTheParent() async throws {
        let source = try PatternFile(size: 1 << 16, seed: 8)
        var file: AIOFile? = try await AIOFile.open(
            source.path, caching: .direct, on: try AIOContext(lifecycleConfiguration()))
        #expect(try await file?.read(at: 0, count: 4096).count == 4096)
        let status = try forkAndDrop(&file)
        #expect(status == .exited(0))
        let mine = try #require(file)
        for round in 0..<20 {
            let offset = Int64(round % 8) * 4096
            #expect(source.pattern.matches(try await mine.read(at: offset, count: 4096), at: offset))
        }
        #expect(mine.context.statistics.operations.reads == 21)
        try await mine.close()
        try await mine.context.shutdown()
    }

    /// Synchronous, so that nothing here is suspended or moved to another thread.
    private func forkAndDrop(_ file: inout AIOFile?) throws -> ChildStatus {
        let descriptor = file?.withUnsafeDescriptor { $0.rawValue } ?? -1
        return try inForkedChild {
            weak let context = file?.context
            if context?.statistics.operations.total != 0 { return 1 }
            if context?.engine.belongsToThisProcess != false { return 2 }
            file = nil
            // The child's copy of the descriptor is closed, and the file held the last reference to the context.
            if fcntl(descriptor, F_GETFD) != -1 { return 3 }
            return context == nil ? 0 : 4
        }
    }
}

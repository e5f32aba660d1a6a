import AIO
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct ReadinessTests {
    /// The kernel says more of a poll that had to wait than of one that had not.
    @Test func readinessIsTheSameWhetherItHadToWaitOrNot() async throws {
        let context = try AIOContext(lifecycleConfiguration())
        let pipe = try OpenDescriptor.pipe()
        let wait = Watched { try await context.ready(pipe.read.descriptor, for: .readable) }
        #expect(await eventually { context.statistics.inFlight == 1 })
        _ = try pipe.write.descriptor.writeAll([1])
        #expect(try await wait.value == .readable)
        #expect(try await context.ready(pipe.read.descriptor, for: .readable) == .readable)
        #expect(try await context.ready(pipe.write.descriptor, for: .writable) == .writable)
        try await context.shutdown()
    }

    @Test func whatHangsUpIsToldThoughNotAskedFor() async throws {
        let context = try AIOContext(lifecycleConfiguration())
        let pipe = Mutex<(read: OpenDescriptor, write: OpenDescriptor)?>(try OpenDescriptor.pipe())
        let read = try #require(pipe.withLock { $0?.read })
        let closed = Watched { [read] in try await context.ready(read.descriptor, for: .readable) }
        #expect(await eventually { context.statistics.inFlight == 1 })
        // The last reference: it is closed.
        pipe.withLock { $0 = nil }
        #expect(try await closed.value == .hangUp)
        #expect(try await context.ready(read.descriptor, for: .readable) == .hangUp)
        try await context.shutdown()
    }
}

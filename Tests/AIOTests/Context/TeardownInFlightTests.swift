import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// Teardown of a context with operations in flight and queued.
@Suite(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)")) struct TeardownInFlightTests {
    @Test func drainingLetsOperationsComplete() async throws {
        let held = try await HeldFile(depth: 2)
        try held.system.hold(.read)
        let reads = (0..<6).map { number in
            Watched { try await held.file.read(at: Int64(number) * 4096, count: 4096) }
        }
        try await held.system.waitForReads(2)
        #expect(await eventually { held.context.statistics.operations.reads == 6 })
        let shutdown = Watched { try await held.context.shutdown() }
        #expect(await eventually { !held.context.engine.isOpen })
        await expectError(.shutDown) { try await held.file.read(at: 0, count: 4096) }
        #expect(!shutdown.hasEnded)
        #expect(reads.allSatisfy { !$0.hasEnded })
        try held.system.release(.read)
        for (number, read) in reads.enumerated() {
            #expect(HeldFile.pattern.matches(try await read.value, at: Int64(number) * 4096))
        }
        try await shutdown.value
        try await held.end()
    }

    @Test func aDrainInTimeThrowsNothing() async throws {
        let held = try await HeldFile()
        try held.system.hold(.read)
        let read = Watched { try await held.file.read(at: 0, count: 4096) }
        try await held.system.waitForReads(1)
        let shutdown = Watched { try await held.context.shutdown(.drain(timeout: .seconds(60))) }
        #expect(await eventually { !held.context.engine.isOpen })
        try held.system.release(.read)
        #expect(try await read.value.count == 4096)
        try await shutdown.value
        try await held.end()
    }

    @Test func aDrainPastItsTimeCancelsAndALaterShutdownWaits() async throws {
        let held = try await HeldFile(depth: 2)
        try held.system.hold(.read)
        try held.system.hold(.write)
        let read = Watched { try await held.file.read(at: 0, count: 4096) }
        try await held.system.waitForReads(1)
        let write = Watched { try await held.file.write(AIOBuffer(count: 4096), at: 0) }
        try await held.system.wait(for: .write, 1)
        let queued = Watched { try await held.file.read(at: 8192, count: 4096) }
        #expect(await eventually { held.context.statistics.pending == 1 })
        await expectError(.timedOut) { try await held.context.shutdown(.drain(timeout: .milliseconds(20))) }
        await expectError(.shutDown) { try await read.value }
        await expectError(.shutDown) { try await queued.value }
        #expect(!write.hasEnded)
        let again = Watched { try await held.context.shutdown() }
        await expectError(.timedOut) { try await held.context.shutdown(.drain(timeout: .milliseconds(1))) }
        #expect(!again.hasEnded)
        try held.system.release(.read)
        try held.system.release(.write)
        #expect(try await write.value == 4096)
        try await again.value
        try await held.end()
    }

    @Test func cancellingCompletesWhatCanBeCancelled() async throws {
        let held = try await HeldFile(depth: 4)
        for kind in [SlowFileSystem.Kind.read, .write] { try held.system.hold(kind) }
        let pipe = try OpenDescriptor.pipe()
        let read = Watched { try await held.file.read(at: 0, count: 4096) }
        let readInto = Watched {
            var buffer = AIOBuffer(count: 4096)
            return try await held.file.read(at: 4096, into: &buffer)
        }
        let write = Watched { try await held.file.write(AIOBuffer(count: 4096), at: 8192) }
        let poll = Watched { try await held.context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        try await held.system.waitForReads(2)
        try await held.system.wait(for: .write, 1)
        #expect(await eventually { held.context.statistics.inFlight == 4 })
        let queued = Watched { try await held.file.write(AIOBuffer(count: 4096), at: 16384) }
        #expect(await eventually { held.context.statistics.pending == 1 })
        let shutdown = Watched { try await held.context.shutdown(.cancel) }
        for task in [read] { await expectError(.shutDown) { try await task.value } }
        await expectError(.shutDown) { try await poll.value }
        await expectError(.shutDown) { try await queued.value }
        #expect(await eventually { held.context.hasCancellationRequest })
        #expect(!readInto.hasEnded && !write.hasEnded && !shutdown.hasEnded)
        for kind in [SlowFileSystem.Kind.read, .write] { try held.system.release(kind) }
        await expectError(.shutDown) { try await readInto.value }
        #expect(try await write.value == 4096)
        try await shutdown.value
        #expect(try held.system.seen(.write) == 1)
        try await held.end()
    }

    @Test func aReleasedContextEndsWithItsLastOperation() async throws {
        let system = try await onThread { try SlowFileSystem() }
        let path = try system.addFile("data", size: 1 << 16, pattern: HeldFile.pattern)
        weak var engine: Engine?
        do {
            let context = try AIOContext(lifecycleConfiguration())
            engine = context.engine
            let file = try await AIOFile.open(path, caching: .direct, on: context)
            try system.hold(.read)
            let read = Watched { try await file.read(at: 0, count: 4096) }
            try await system.waitForReads(1)
            read.cancel()
            await expectCancelled { try await read.value }
        }
        #expect(await eventually { engine.map { !$0.isOpen } ?? false })
        #expect(engine?.live == 1)
        try system.release(.read)
        #expect(await eventually { engine == nil })
        #expect(await eventually { !ProcessCounters.isOpen(path) })
        try await onThread { system.stop() }
    }

    @Test func aBufferedReadInFlightIsDrainedToo() async throws {
        let held = try await HeldFile(.buffered)
        try held.system.hold(.read)
        let read = Watched { try await held.file.read(at: 0, count: 4096) }
        try await held.system.waitForReads(1)
        let shutdown = Watched { try await held.context.shutdown() }
        #expect(await eventually { !held.context.engine.isOpen })
        #expect(!shutdown.hasEnded && !read.hasEnded)
        try held.system.release(.read)
        #expect(HeldFile.pattern.matches(try await read.value, at: 0))
        try await shutdown.value
        try await held.end()
    }
}

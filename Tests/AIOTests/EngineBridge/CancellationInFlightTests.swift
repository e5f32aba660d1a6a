import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// Cancellation of operations in flight that the kernel refuses to cancel.
@Suite(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)")) struct CancellationInFlightTests {
    @Test func aDirectReadIsAbandonedAtOnceAndItsDescriptorKeptUntilItsEvent() async throws {
        let held = try await HeldFile()
        try held.system.hold(.read)
        weak var lease: DescriptorLease?
        do {
            let file = try await AIOFile.open(held.path, caching: .direct, on: held.context)
            lease = file.lease
            let read = Watched { try await file.read(at: 0, count: 4096) }
            try await held.system.waitForReads(1)
            read.cancel()
            await expectCancelled { try await read.value }
        }
        // The read is still in flight and keeps what it needs, though the file is gone.
        #expect(try held.system.held(.read) == 1)
        #expect((held.context.statistics.abandoned, held.context.statistics.inFlight) == (1, 1))
        #expect(lease != nil)
        try held.system.release(.read)
        #expect(await eventually { lease == nil })
        #expect(held.context.statistics.inFlight == 0)
        #expect(held.context.statistics.bytesRead == 4096)
        try await held.end()
    }

    /// The pool may give the memory to another read only after the kernel has completed the abandoned one.
    @Test func anAbandonedReadsMemoryIsNotReusedUntilItsEvent() async throws {
        let held = try await HeldFile()
        let count = 512 << 10
        try held.system.hold(.read)
        let abandoned = Watched { try await held.file.read(at: 0, count: count) }
        try await held.system.waitForReads(1)
        abandoned.cancel()
        await expectCancelled { try await abandoned.value }
        let other = try PatternFile(size: count, seed: 99)
        let file = try await AIOFile.open(other.path, caching: .direct, on: held.context)
        var buffers: [AIOBuffer] = []
        for _ in 0..<8 { buffers.append(try await file.read(at: 0, count: count)) }
        try held.system.release(.read)
        #expect(await eventually { held.context.statistics.inFlight == 0 })
        for buffer in buffers { #expect(other.pattern.matches(buffer, at: 0)) }
        try await file.close()
        try await held.end()
    }

    @Test func aBufferedColdReadIsAbandonedAtOnce() async throws {
        let held = try await HeldFile(.buffered)
        try held.system.hold(.read)
        let read = Watched { try await held.file.read(at: 0, count: 4096) }
        try await held.system.waitForReads(1)
        read.cancel()
        await expectCancelled { try await read.value }
        #expect(try held.system.held(.read) >= 1)
        try await held.end()
    }

    @Test(arguments: [AIOFile.Caching.direct, .buffered])
    func aReadIntoTheCallersMemoryWaitsForTheKernel(caching: AIOFile.Caching) async throws {
        let held = try await HeldFile(caching)
        try held.system.hold(.read)
        let read = Watched {
            var buffer = AIOBuffer(count: 4096)
            return try await held.file.read(at: 0, into: &buffer)
        }
        try await held.system.waitForReads(1)
        read.cancel()
        #expect(await eventually { held.context.hasCancellationRequest })
        #expect(!read.hasEnded)
        try held.system.release(.read)
        await expectCancelled { try await read.value }
        #expect(held.context.statistics.abandoned == 0)
        try await held.end()
    }

    @Test func aVectoredReadWaitsForTheKernel() async throws {
        let held = try await HeldFile()
        try held.system.hold(.read)
        let read = Watched {
            var buffers = [AIOBuffer](repeating: AIOBuffer(count: 4096), count: 4)
            return try await held.file.read(at: 0, into: &buffers)
        }
        try await held.system.waitForReads(1)
        read.cancel()
        #expect(await eventually { held.context.hasCancellationRequest })
        #expect(!read.hasEnded)
        try held.system.release(.read)
        await expectCancelled { try await read.value }
        try await held.end()
    }

    @Test(arguments: [AIOFile.Caching.direct, .buffered])
    func aCancelledWriteReportsItsRealResult(caching: AIOFile.Caching) async throws {
        let held = try await HeldFile(caching)
        // Written through, so that a buffered write is held as well.
        let pattern = BytePattern(seed: 77)
        try held.system.hold(.write)
        let write = Watched {
            let bytes = AIOBuffer(copying: pattern.bytes(at: 0, count: 8192))
            return try await held.file.write(bytes, at: 0, options: .dataSync)
        }
        try await held.system.wait(for: .write, 1)
        write.cancel()
        #expect(await eventually { held.context.hasCancellationRequest })
        #expect(!write.hasEnded)
        try held.system.release(.write)
        #expect(try await write.value == 8192)
        #expect(pattern.matches(try await held.file.read(at: 0, count: 8192), at: 0))
        try await held.end()
    }

    @Test func aFailingWriteReportsItsErrorThoughCancelled() async throws {
        let held = try await HeldFile()
        try held.system.fail(.write, with: .ioError)
        try held.system.hold(.write)
        let write = Watched { try await held.file.write(AIOBuffer(count: 4096), at: 0) }
        try await held.system.wait(for: .write, 1)
        write.cancel()
        #expect(await eventually { held.context.hasCancellationRequest })
        try held.system.release(.write)
        await expectError(.inputOutput) { try await write.value }
        try await held.end()
    }

    @Test func aCancelledFsyncReportsItsRealResult() async throws {
        let held = try await HeldFile()
        _ = try await held.file.write(AIOBuffer(count: 4096), at: 0)
        try held.system.hold(.fsync)
        let synchronization = Watched { try await held.file.synchronize() }
        try await held.system.wait(for: .fsync, 1)
        synchronization.cancel()
        #expect(await eventually { held.context.hasCancellationRequest })
        #expect(!synchronization.hasEnded)
        try held.system.release(.fsync)
        try await synchronization.value
        try await held.end()
    }

    @Test func anOpenIsAbandonedAtOnceAndItsLateDescriptorClosed() async throws {
        let held = try await HeldFile()
        let second = try held.system.addFile("second", size: 4096, pattern: HeldFile.pattern)
        try held.system.hold(.open)
        let open = Watched { _ = try await AIOFile.open(second, on: held.context) }
        try await held.system.wait(for: .open, 1)
        open.cancel()
        await expectCancelled { try await open.value }
        #expect(held.context.statistics.inFlight == 1)
        try held.system.release(.open)
        #expect(await eventually { held.context.statistics.inFlight == 0 })
        #expect(await eventually { !ProcessCounters.isOpen(second) })
        try await held.end()
    }

    @Test func readsOfRangesAreAbandonedAtOnce() async throws {
        let held = try await HeldFile()
        try held.system.hold(.read)
        let read = Watched { _ = try await held.file.read(ranges: [0..<4096, 8192..<12288, 65536..<65537]) }
        try await held.system.waitForReads(3)
        read.cancel()
        await expectCancelled { try await read.value }
        #expect(held.context.statistics.abandoned == 3)
        try held.system.release(.read)
        #expect(await eventually { held.context.statistics.inFlight == 0 })
        try await held.end()
    }
}

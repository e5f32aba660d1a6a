import AIO
import SystemPackage
import TestSupport
import Testing

/// An unaligned first piece that has to wait for a blocking thread.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct WriterCancellationTests {
    @Test func cancellationDoesNotCutAWriteShort() async throws {
        let (fs, pattern) = (try SlowFileSystem(), BytePattern(seed: 53))
        let held = try fs.addFile("held", size: 4096, pattern: pattern)
        try await withFixture(.direct, size: 8192, configuration: .oneBlockingThread) { fixture async throws in
            let other = try await AIOFile.open(held, on: fixture.context)
            let file = try await fixture.open(.readWrite)
            try fs.hold(.read)
            async let read = other.read(at: 0, count: 4096)
            try await fs.waitForReads(1)
            // The only blocking thread is busy, so the writer's operation waits in the queue.
            let writer = file.writer(at: 100, chunkLength: 4096)
            let write = Task { try await writer.write(fixture.pattern.bytes(at: 100, count: 8000)) }
            #expect(await eventually { fixture.context.statistics.pending == 1 })
            write.cancel()
            // Once cancelled operations behind it have thrown, the loop's scan has passed the write as well.
            for _ in 0..<2 {
                let behind = Task { try await file.preallocate(0..<4096, keepingSize: true) }
                #expect(await eventually { fixture.context.statistics.pending == 2 })
                behind.cancel()
                await #expect(throws: CancellationError.self) { try await behind.value }
            }
            try fs.release(.read)
            _ = try await read
            try await write.value
            #expect(try await writer.finish() == 8100)
            #expect(writer.unwrittenRanges.isEmpty)
        }
    }
}

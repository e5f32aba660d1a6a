import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// The memory that writing a long file takes. Runs in child processes, see ``ChunksMemoryTests``.
@Suite(.timeLimit(.minutes(5))) struct WriterMemoryTests {
    private static let chunkLength = 64 << 10
    private static let inFlight = 8

    @Test func directWriterUsesNoMoreMemoryThanConfigured() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.direct) }
    }

    @Test func bufferedWriterUsesNoMoreMemoryThanConfigured() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.buffered) }
    }

    private static func expectBoundedMemory(_ setting: Setting) async throws {
        try await withFixture(setting, size: 0) { fixture async throws in
            let (size, pieces) = (128 << 20, [fixture.buffer(count: 1 << 20), fixture.buffer(count: 50_000)])
            ProcessMemory.resetPeak()
            let resident = try ProcessMemory.peak
            let writer = try await fixture.create().writer(chunkLength: chunkLength, inFlight: inFlight)
            // Whole chunks are not copied, and pieces of them are.
            var given = 0
            while given < size {
                for piece in pieces {
                    try await writer.write(piece)
                    given += piece.count
                }
            }
            #expect(try await writer.finish() == Int64(given))
            // All chunks that were in use at once are idle in the pool by now: a finished writer keeps none, though it
            // still exists. The pieces are not among them, as they are still in use.
            let blocks = BufferPool.shared.idleBytes / chunkLength
            #expect((1...inFlight + 1).contains(blocks))
            #expect(try ProcessMemory.peak - resident <= (inFlight + 1) * chunkLength + 8 << 20)
            withExtendedLifetime(writer) {}
        }
    }

    /// The writer reuses its chunk records, but does not keep the buffers of completed chunks.
    @Test(arguments: Setting.onDisk) func finishedWriterHoldsNoBytes(setting: Setting) async throws {
        try await withFixture(setting, size: 0) { fixture async throws in
            let writer = try await fixture.create().writer(chunkLength: Self.chunkLength, inFlight: Self.inFlight)
            weak var storage: BufferStorage?
            do {
                let buffer = AIOBuffer(count: Self.chunkLength)
                storage = buffer.storage
                try await writer.write(buffer)
            }
            try await writer.finish()
            #expect(await eventually { storage == nil })
            withExtendedLifetime(writer) {}
        }
    }
}

import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// An iterator of chunks keeps no chunk that it has returned, and reads nothing twice.
@Suite(.timeLimit(.minutes(5))) struct ChunksHeldTests {
    @Test(arguments: Setting.all, [0, 4]) func returnedChunkIsReferencedByTheCallerOnly(
        setting: Setting, readAhead: Int
    ) async throws {
        try await withFixture(setting, size: 100_000) { fixture async throws in
            let file = try await fixture.open()
            var iterator = file.chunks(chunkLength: 8192, readAhead: readAhead).makeAsyncIterator()
            for _ in 0..<3 {
                weak var storage: BufferStorage?
                do { storage = try await iterator.next()?.storage }
                // The thread that completed the read may still hold a reference for a moment.
                #expect(await eventually { storage == nil })
            }
            _ = try await iterator.next()
        }
    }

    @Test func chunkThatIsCachedInPartIsReadOnce() async throws {
        try await withFixture(.buffered, size: 1 << 20) { fixture async throws in
            let file = try await fixture.open()
            let other = try fixture.source.open()
            PageCache.drop(0..<fixture.size, of: other)
            try PageCache.fill(0..<(4 * PageCache.pageSize), of: other)
            var iterator = file.chunks(chunkLength: 16 * PageCache.pageSize, readAhead: 0).makeAsyncIterator()
            let chunk = try #require(try await iterator.next())
            #expect(chunk.count == 16 * PageCache.pageSize)
            let isRight = fixture.pattern.matches(chunk, at: 0)
            #expect(isRight)
            #expect(fixture.context.statistics.operations.reads == 1)
        }
    }
}

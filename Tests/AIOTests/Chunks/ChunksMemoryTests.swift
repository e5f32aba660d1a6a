import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// The memory that reading through a file takes, however long it is. Runs in child processes, where no other test uses
/// the pool and the resident memory.
@Suite(.timeLimit(.minutes(5))) struct ChunksMemoryTests {
    private static let size = 256 << 20
    private static let chunkLength = 64 << 10
    private static let readAhead = 8
    /// For memory other than chunks: threads, tasks, what the allocator keeps. Measured with the chunks: 1.4 MiB.
    private static let margin = 8 << 20

    enum Consumer: CaseIterable {
        /// Reads the next chunk at once and keeps none.
        case quick
        /// Keeps one chunk while it waits for the next.
        case holding
        /// Waits for every read ahead before it reads the next chunk, so that the sequence holds all that it may.
        case slow
    }

    @Test func directChunksUseNoMoreMemoryThanConfigured() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.direct) }
    }

    @Test func bufferedChunksUseNoMoreMemoryThanConfigured() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.buffered) }
    }

    private static func expectBoundedMemory(_ setting: Setting) async throws {
        try await withFixture(setting, size: size) { fixture async throws in
            // Each consumer finds a warm pool, whose high-water mark is the maximum of all consumers so far.
            for consumer in Consumer.allCases {
                ProcessMemory.resetPeak()
                let before = try ProcessMemory.peak
                PageCache.drop(0..<size, of: try fixture.source.open())
                try await readThrough(fixture, as: consumer)
                // The pool allocates a block only when none is idle, so the blocks that are idle in the end are those
                // that were in use at the same time. It keeps up to 256 of them, far more than the bound.
                let blocks = BufferPool.shared.idleBytes / chunkLength
                #expect(blocks <= readAhead + 2, "\(setting), \(consumer)")
                // The reads ahead took place; otherwise the bound would show nothing.
                if setting.caching == .direct { #expect(blocks > readAhead, "\(setting), \(consumer)") }
                let grown = try ProcessMemory.peak - before
                #expect(grown <= (readAhead + 2) * chunkLength + margin, "\(setting), \(consumer)")
            }
        }
    }

    private static func readThrough(_ fixture: Fixture, as consumer: Consumer) async throws {
        let file = try await fixture.open()
        var (position, held) = (Int64(0), AIOBuffer())
        for try await chunk in file.chunks(chunkLength: chunkLength, readAhead: readAhead) {
            let isRight = fixture.pattern.matches(chunk, at: position)
            #expect(isRight, "at \(position)")
            position += Int64(chunk.count)
            switch consumer {
            case .quick: break
            case .holding: held = chunk
            case .slow:
                // Only in the first sixteenth of the file, as each wait polls the counters.
                if position < size / 16 { #expect(await eventually { file.context.statistics.inFlight == 0 }) }
            }
        }
        #expect(position == size)
        held = AIOBuffer()
        #expect(held.isEmpty)
        #expect(await eventually { file.context.statistics.inFlight == 0 })
    }
}

import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// What going through a file takes, however long it is: in processes of their own, where the pool and the resident
/// memory are nobody else's.
@Suite(.timeLimit(.minutes(5))) struct ChunksMemoryTests {
    private static let size = 256 << 20
    private static let chunkLength = 64 << 10
    private static let readAhead = 8
    /// For what is no chunk: threads, tasks, what the allocator keeps. Measured with the chunks: 1.4 MiB.
    private static let margin = 8 << 20

    enum Consumer: CaseIterable {
        /// Asks for the next chunk at once, and keeps none.
        case quick
        /// Has one chunk in hand while it waits for the next.
        case holding
        /// Lets every read ahead come in before it asks for the next chunk: all that may be held is held.
        case slow
    }

    @Test func directChunksTakeNoMoreMemoryThanAskedFor() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.direct) }
    }

    @Test func bufferedChunksTakeNoMoreMemoryThanAskedFor() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.buffered) }
    }

    private static func expectBoundedMemory(_ setting: Setting) async throws {
        try await withFixture(setting, size: size) { fixture async throws in
            // Each consumer finds a warm pool, whose high-water mark is then what all of them together have set.
            for consumer in Consumer.allCases {
                ProcessMemory.resetPeak()
                let before = try ProcessMemory.peak
                PageCache.drop(0..<size, of: try fixture.source.open())
                try await goThrough(fixture, as: consumer)
                // What waits in the pool once all is given back is what was in use at the same time: a block is only
                // made when none waits. It keeps 256 of these, far more than the bound.
                let blocks = BufferPool.shared.idleBytes / chunkLength
                #expect(blocks <= readAhead + 2, "\(setting), \(consumer)")
                // The read-ahead was there, or the bound says nothing.
                if setting.caching == .direct { #expect(blocks > readAhead, "\(setting), \(consumer)") }
                let grown = try ProcessMemory.peak - before
                #expect(grown <= (readAhead + 2) * chunkLength + margin, "\(setting), \(consumer)")
            }
        }
    }

    private static func goThrough(_ fixture: Fixture, as consumer: Consumer) async throws {
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
                // The reads ahead of the first sixteenth; each wait is a poll of the counters.
                if position < size / 16 { #expect(await eventually { file.context.statistics.inFlight == 0 }) }
            }
        }
        #expect(position == size)
        held = AIOBuffer()
        #expect(held.isEmpty)
        #expect(await eventually { file.context.statistics.inFlight == 0 })
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

/// Where a sequence of chunks ends, and what it does not read after that.
@Suite(.timeLimit(.minutes(5))) struct ChunksEndTests {
    @Test(arguments: Setting.onDisk) func sequenceEndsAfterAShortChunkThoughTheFileGrows(setting: Setting) async throws
    {
        try await withFixture(setting, size: 10_000) { fixture async throws in
            for readAhead in [0, 1, 4] {
                let file = try await fixture.open()
                var iterator = file.chunks(chunkLength: 4096, readAhead: readAhead).makeAsyncIterator()
                for count in [4096, 4096, 1808] {
                    let chunk = try await iterator.next()
                    #expect(chunk?.count == count)
                }
                let other = try fixture.source.open(.readWrite)
                try other.descriptor.resize(to: 50_000)
                let after = try await iterator.next()
                #expect(after == nil)
                try other.descriptor.resize(to: 10_000)
            }
        }
    }

    @Test func nothingIsReadPastAShortRead() async throws {
        try await withFixture(.direct, size: 3 * 4096 + 100) { fixture async throws in
            let file = try await fixture.open()
            func reads() async -> Int {
                #expect(await eventually { fixture.context.statistics.inFlight == 0 })
                return fixture.context.statistics.operations.reads
            }
            var iterator = file.chunks(chunkLength: 4096, readAhead: 4).makeAsyncIterator()
            for number in 0..<3 {
                let chunk = try await iterator.next()
                #expect(chunk?.count == 4096)
                // The last of the reads started at first is the short one; the read behind it may have been started
                // before that was known.
                if number > 0 { #expect(await reads() <= 5) } else { _ = await reads() }
            }
            let before = await reads()
            let last = try await iterator.next()
            #expect(last?.count == 100)
            // The size of the file showed that this is the end.
            #expect(await reads() == before)
        }
    }

    /// More reads ahead than the backlog admits: a refused read is made again when its chunk is needed.
    @Test(arguments: [(1, 0), (1, 1), (2, 3)]) func readsAheadThatAreRefusedAreMadeAgain(
        depth: Int, pending: Int
    ) async throws {
        var configuration = AIOContext.Configuration()
        (configuration.queueDepth, configuration.maximumPending) = (depth, pending)
        try await withFixture(.direct, size: 1 << 18, configuration: configuration) { fixture async throws in
            let file = try await fixture.open()
            var position = 0
            for try await chunk in file.chunks(chunkLength: 4096, readAhead: 16) {
                let isRight = fixture.pattern.matches(chunk, at: Int64(position))
                #expect(isRight, "at \(position)")
                position += chunk.count
            }
            #expect(position == 1 << 18)
        }
    }

    @Test(arguments: Setting.onDisk) func fileThatIsClosedMeanwhileThrowsClosed(setting: Setting) async throws {
        try await withFixture(setting, size: 1 << 20) { fixture async throws in
            let file = try await fixture.open()
            var iterator = file.chunks(chunkLength: 4096, readAhead: 2).makeAsyncIterator()
            _ = try await iterator.next()
            try await file.close()
            let error = await expectError(.closed) {
                while try await iterator.next() != nil {}
            }
            #expect(error?.path == fixture.path)
            let after = try await iterator.next()
            #expect(after == nil)
        }
    }

    @Test(arguments: Setting.all) func chunksAtTheHighestOffsetsAreEmpty(setting: Setting) async throws {
        try await withFixture(setting, size: 1000) { fixture async throws in
            let file = try await fixture.open()
            for lower in [.max - 1, .max - 4096, .max - 10_001, 1 << 62, 1000] as [Int64] {
                for chunkLength in [1, 4096, 1 << 20] {
                    for upper in [lower, lower + 1, .max] as [Int64] {
                        let chunks = file.chunks(in: lower..<upper, chunkLength: chunkLength)
                        let count = try await chunks.reduce(0) { $0 + $1.count }
                        #expect(count == 0, "\(lower)..<\(upper)")
                    }
                }
            }
        }
    }
}

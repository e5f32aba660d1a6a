import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChunksTests {
    /// For any range, chunk length and read-ahead: the chunks are the file's bytes, and all but the last are full.
    @Test(arguments: Setting.all, [1, 2, 3] as [UInt64])
    func chunksAreTheBytesOfTheRange(setting: Setting, seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let size = Int.random(in: 0...300_000, using: &random)
        try await withFixture(setting, size: size) { fixture async throws in
            let file = try await fixture.open()
            for _ in 0..<25 {
                let lower = Int64.random(in: 0...Int64(size + 5000), using: &random)
                let upper = Int64.random(in: lower...(lower + 200_000), using: &random)
                let chunkLength = Int.random(in: 1...50_000, using: &random)
                let readAhead = Int.random(in: 0...6, using: &random)
                let range = Bool.random(using: &random) ? lower..<upper : nil
                let sequence = file.chunks(in: range, chunkLength: chunkLength, readAhead: readAhead)
                let expected = (range ?? 0..<(.max)).clamped(to: 0..<Int64(size))
                var position = range?.lowerBound ?? 0
                for try await chunk in sequence {
                    #expect(fixture.pattern.matches(chunk, at: position))
                    position += Int64(chunk.count)
                    #expect(!chunk.isEmpty)
                    #expect(chunk.count == chunkLength || position == expected.upperBound)
                }
                #expect(
                    position == max(range?.lowerBound ?? 0, expected.upperBound),
                    "\(String(describing: range)) by \(chunkLength), \(readAhead) ahead")
            }
            // Reads ahead beyond the end of the file are abandoned, and complete in their own time.
            #expect(await eventually { file.context.statistics.inFlight == 0 })
        }
    }

    @Test(arguments: Setting.onDisk) func coldFileIsReadCompletely(setting: Setting) async throws {
        try await withFixture(setting, size: 1 << 20) { fixture async throws in
            let file = try await fixture.open()
            PageCache.drop(0..<fixture.size, of: try fixture.source.open())
            var position = 0
            for try await chunk in file.chunks(chunkLength: 65536) {
                #expect(fixture.pattern.matches(chunk, at: Int64(position)))
                position += chunk.count
            }
            #expect(position == fixture.size)
        }
    }

    @Test func sequenceCanBeIteratedByTwoTasksAtOnce() async throws {
        try await withFixture(.direct, size: 200_000) { fixture async throws in
            let chunks = try await fixture.open().chunks(chunkLength: 8192)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<2 { group.addTask { try await chunks.reduce(0) { $0 + $1.count } } }
                for try await count in group { #expect(count == 200_000) }
            }
        }
    }

    @Test(arguments: Setting.onDisk) func growingFileEndsAtItsSizeWhenTheEndIsRead(setting: Setting) async throws {
        try await withFixture(setting, size: 100_000) { fixture async throws in
            let file = try await fixture.open()
            let writer = try fixture.source.open(.writeOnly)
            var position = 0
            for try await chunk in file.chunks(chunkLength: 4096, readAhead: 4) {
                #expect(fixture.pattern.matches(chunk, at: Int64(position)))
                position += chunk.count
                // Every read ahead has completed before the file grows.
                if position == 98304 || position == 200_000 - 200_000 % 4096 {
                    let more = fixture.pattern.bytes(at: Int64(position), count: 150_000)
                    _ = try writer.descriptor.writeAll(toAbsoluteOffset: Int64(position), more)
                }
            }
            #expect(position == 98304 + 150_000 || position == 200_000 - 200_000 % 4096 + 150_000)
        }
    }

    @Test(arguments: Setting.onDisk) func shrinkingFileEndsAtItsNewSize(setting: Setting) async throws {
        try await withFixture(setting, size: 500_000) { fixture async throws in
            let file = try await fixture.open()
            let other = try fixture.source.open(.readWrite)
            var position = 0
            for try await chunk in file.chunks(chunkLength: 10_000, readAhead: 3) {
                #expect(fixture.pattern.matches(chunk, at: Int64(position)))
                position += chunk.count
                if position == 50_000 { try other.descriptor.resize(to: 123_456) }
            }
            #expect(position == 123_456)
        }
    }

    @Test func invalidArgumentsThrowAndEndTheSequence() async throws {
        try await withFixture(.buffered, size: 1000) { fixture async throws in
            let file = try await fixture.open()
            let bad = [
                file.chunks(chunkLength: 0), file.chunks(chunkLength: -1), file.chunks(chunkLength: .min),
                file.chunks(chunkLength: .max), file.chunks(readAhead: -1), file.chunks(readAhead: .max),
                file.chunks(in: -1..<10), file.chunks(in: .min ..< .max), file.chunks(in: -5 ..< -5),
            ]
            for chunks in bad {
                var iterator = chunks.makeAsyncIterator()
                await expectError(.invalidArgument) { try await iterator.next() }
                #expect(try await iterator.next() == nil)
            }
            #expect(try await file.chunks(in: 10..<10).reduce(0) { $0 + $1.count } == 0)
            #expect(try await file.chunks(in: (.max - 1)..<(.max)).reduce(0) { $0 + $1.count } == 0)
            try await file.close()
            await expectError(.closed) { try await file.chunks().reduce(0) { $0 + $1.count } }
        }
    }

    @Test func asManyReadsAheadAreStartedAsConfigured() async throws {
        try await withFixture(.direct, size: 1 << 20) { fixture async throws in
            let file = try await fixture.open()
            for readAhead in [0, 1, 4] {
                let before = fixture.context.statistics.operations.reads
                var iterator = file.chunks(chunkLength: 4096, readAhead: readAhead).makeAsyncIterator()
                _ = try await iterator.next()
                #expect(fixture.context.statistics.operations.reads - before == readAhead + 1)
                _ = try await iterator.next()
                #expect(fixture.context.statistics.operations.reads - before == readAhead + 2)
            }
        }
    }

    @Test func cachedFileIsNotReadAhead() async throws {
        try await withFixture(.buffered, size: 1 << 20) { fixture async throws in
            let file = try await fixture.open()
            _ = try await file.readToEnd()
            let before = fixture.context.statistics
            var iterator = file.chunks(chunkLength: 65536).makeAsyncIterator()
            _ = try await iterator.next()
            let after = fixture.context.statistics
            #expect(after.operations.reads - before.operations.reads == 1)
            #expect(after.onBlockingThread == before.onBlockingThread)
        }
    }
}

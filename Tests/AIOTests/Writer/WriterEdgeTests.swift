import AIO
import SystemPackage
import TestSupport
import Testing

/// Writers at the limits of their arguments.
@Suite(.timeLimit(.minutes(5))) struct WriterEdgeTests {
    @Test(arguments: Setting.all) func fileThatIsOpenForReadingOnlyIsNotWritten(setting: Setting) async throws {
        try await withFixture(setting, size: 10_000) { fixture async throws in
            let file = try await fixture.open(.readOnly)
            for (offset, count) in [(0, 8192), (0, 100), (100, 50), (8192, 5000)] {
                let writer = file.writer(at: Int64(offset), chunkLength: 4096)
                _ = try? await writer.write([UInt8](repeating: 0xee, count: count))
                await expectError(.badDescriptor) { try await writer.finish() }
                #expect(writer.unwrittenRanges == [Int64(offset)..<Int64(offset + count)])
            }
            let found = try contents(of: fixture.path)
            #expect(found.count == 10_000)
            let isRight = fixture.pattern.matches(found, at: 0)
            #expect(isRight)
        }
    }

    @Test func invalidArgumentsFailFinishToo() async throws {
        try await withFixture(.buffered, size: 0) { fixture async throws in
            let file = try await fixture.create()
            for writer in [file.writer(at: -1), file.writer(chunkLength: 0), file.writer(inFlight: 0)] {
                await expectError(.invalidArgument) { try await writer.finish() }
                await expectError(.invalidArgument) { try await writer.finish() }
            }
        }
    }

    @Test(arguments: Setting.onDisk) func writingNothingChangesNothing(setting: Setting) async throws {
        try await withFixture(setting, size: 1000) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            for offset in [0, 17, 1000, 5000, .max] as [Int64] {
                let writer = file.writer(at: offset)
                try await writer.write(AIOBuffer())
                try await writer.write([UInt8]())
                #expect(try await writer.finish() == offset)
                await expectError(.closed) { try await writer.write(AIOBuffer()) }
                #expect(writer.unwrittenRanges.isEmpty)
            }
            #expect(fixture.context.statistics.operations.writes == 0)
            #expect(try contents(of: fixture.path).count == 1000)
        }
    }

    @Test(arguments: Setting.onDisk) func writesAtTheHighestOffsetsFailAndAreReportedAsUnwritten(setting: Setting)
        async throws
    {
        try await withFixture(setting, size: 1000) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            for (offset, count) in [(Int64.max - 10, 5), (.max - 4096, 4096), (.max - 10_000, 10_000)] {
                let writer = file.writer(at: offset, chunkLength: 4096)
                _ = try? await writer.write([UInt8](repeating: 1, count: count))
                await #expect(throws: AIOError.self) { try await writer.finish() }
                #expect(writer.unwrittenRanges.first?.lowerBound == offset)
            }
            let writer = file.writer(at: .max - 10)
            await expectError(.invalidArgument) { try await writer.write([UInt8](repeating: 1, count: 11)) }
            #expect(try await writer.finish() == .max - 10)
            #expect(try contents(of: fixture.path).count == 1000)
        }
    }

    /// Chunks are appended in order, and the bytes that fill no block after them.
    @Test func directAppendsKeepTheirOrderAndTheirUnalignedEnd() async throws {
        try await withFixture(.direct, size: 8192) { fixture async throws in
            let file = try await fixture.open(.writeOnly, options: .append)
            let writer = file.writer(chunkLength: 4096, inFlight: 8)
            try await writer.write(fixture.pattern.bytes(at: 8192, count: 50_000))
            try await writer.finish()
            let found = try contents(of: fixture.path)
            #expect(found.count == 58_192)
            let isRight = fixture.pattern.matches(found, at: 0)
            #expect(isRight)
            // The kernel accepts no direct append at this unaligned end.
            let next = file.writer(chunkLength: 4096)
            _ = try? await next.write([UInt8](repeating: 1, count: 4096))
            await expectError(.misaligned) { try await next.finish() }
            let isSame = try contents(of: fixture.path) == found
            #expect(isSame)
        }
    }

    @Test func concurrentFinishesReturnTheSame() async throws {
        try await withFixture(.direct, size: 0) { fixture async throws in
            let writer = try await fixture.create().writer(chunkLength: 4096)
            try await writer.write(fixture.pattern.bytes(at: 0, count: 100_001))
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for _ in 0..<8 { group.addTask { try await writer.finish() } }
                for try await end in group { #expect(end == 100_001) }
            }
            let found = try contents(of: try #require(writer.file.path))
            #expect(found.count == 100_001)
            let isRight = fixture.pattern.matches(found, at: 0)
            #expect(isRight)
        }
    }

    @Test func writerOfAShutDownContextReportsItsUnwrittenRanges() async throws {
        try await withFixture(.buffered, size: 0) { fixture async throws in
            let writer = try await fixture.create().writer(chunkLength: 4096)
            try await writer.write([UInt8](repeating: 1, count: 1000))
            try await fixture.context.shutdown()
            await expectError(.shutDown) { try await writer.finish() }
            #expect(writer.unwrittenRanges == [0..<1000])
        }
    }

    /// Part of the bytes is accepted when memory for the next chunk is short: the rest must be reported as unwritten.
    @Test func writeWithoutMemoryInTheMiddleIsReportedByFinish() async {
        await #expect(processExitsWith: .success) {
            try await withFixture(.direct, size: 0) { fixture async throws in
                let file = try await fixture.create()
                let writer = file.writer(at: 100, chunkLength: 1 << 30)
                let bytes = fixture.buffer(at: 100, count: 50_000)
                try await ProcessMemory.limiting(to: 1 << 29) {
                    await expectError(.systemLimit) { try await writer.write(bytes) }
                }
                await expectError(.systemLimit) { try await writer.write([1]) }
                await expectError(.systemLimit) { try await writer.finish() }
                let missing = writer.unwrittenRanges
                #expect(missing.last?.upperBound == 50_100)
                let found = try contents(of: try #require(file.path))
                #expect(missing.first?.lowerBound == Int64(found.count))
                let isRight = found.count > 100 && fixture.pattern.matches(found[100...], at: 100)
                #expect(isRight)
            }
        }
    }

    /// When not even the first byte was accepted, the writer is unchanged.
    @Test func writeWithoutMemoryFromTheStartCanBeMadeAgain() async {
        await #expect(processExitsWith: .success) {
            try await withFixture(.buffered, size: 0) { fixture async throws in
                let file = try await fixture.create()
                let writer = file.writer(chunkLength: 1 << 30)
                try await ProcessMemory.limiting(to: 1 << 29) {
                    await expectError(.systemLimit) { try await writer.write([1, 2, 3]) }
                }
                try await writer.write([1, 2, 3])
                #expect(try await writer.finish() == 3)
                #expect(try contents(of: try #require(file.path)) == [1, 2, 3])
            }
        }
    }
}

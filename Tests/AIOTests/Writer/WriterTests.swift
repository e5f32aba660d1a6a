import AIO
import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite(.timeLimit(.minutes(5)), .serialized) struct WriterTests {
    /// Any offset and any pieces, against an array that has them too.
    @Test(arguments: Setting.all, [1, 2, 3] as [UInt64])
    func fileIsWhatTheArrayIs(setting: Setting, seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withFixture(setting, size: 100_000) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            var model = fixture.pattern.bytes(at: 0, count: 100_000)
            let new = BytePattern(seed: seed + 100)
            for _ in 0..<12 {
                let offset = Int.random(in: 0...model.count + 3000, using: &random)
                let writer = file.writer(
                    at: Int64(offset), chunkLength: Int.random(in: 1...20_000, using: &random),
                    inFlight: Int.random(in: 1...5, using: &random))
                var end = offset
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    let bytes = new.bytes(at: Int64(end), count: Int.random(in: 0...30_000, using: &random))
                    if Bool.random(using: &random) {
                        try await writer.write(bytes)
                    } else {
                        try await writer.write(AIOBuffer(copying: bytes))
                    }
                    end += bytes.count
                }
                #expect(try await writer.finish() == Int64(end))
                #expect(writer.unwrittenRanges.isEmpty)
                if end > offset {
                    model += [UInt8](repeating: 0, count: max(0, end - model.count))
                    model.replaceSubrange(offset..<end, with: new.bytes(at: Int64(offset), count: end - offset))
                }
                let found = try contents(of: fixture.path)
                #expect(found == model, "\(offset)..<\(end)")
                if found != model { return }
            }
            #expect(fixture.context.statistics.inFlight == 0)
        }
    }

    @Test func bufferMayBeChangedAsSoonAsItWasTaken() async throws {
        try await withFixture(.direct, size: 0) { fixture async throws in
            let file = try await fixture.create()
            let writer = file.writer(chunkLength: 65536)
            var buffer = fixture.buffer(count: 4 * 65536)
            try await writer.write(buffer)
            buffer.withUnsafeMutableBytes { _ = $0.initializeMemory(as: UInt8.self, repeating: 0) }
            try await writer.finish()
            #expect(fixture.pattern.matches(try contents(of: try #require(file.path)), at: 0))
        }
    }

    @Test func appendedPiecesKeepTheirOrder() async throws {
        try await withFixture(.buffered, size: 1000) { fixture async throws in
            let file = try await fixture.open(.writeOnly, options: .append)
            let writer = file.writer(chunkLength: 512, inFlight: 8)
            try await writer.write(fixture.pattern.bytes(at: 1000, count: 100_000))
            try await writer.finish()
            let found = try contents(of: fixture.path)
            #expect(found.count == 101_000)
            #expect(fixture.pattern.matches(found, at: 0))
        }
    }

    @Test func tasksShareAWriterWithoutMixingTheirBytes() async throws {
        try await withFixture(.buffered, size: 0) { fixture async throws in
            let writer = try await fixture.create().writer(chunkLength: 1000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for byte in UInt8(1)...16 {
                    group.addTask { try await writer.write([UInt8](repeating: byte, count: 777)) }
                }
                try await group.waitForAll()
            }
            #expect(try await writer.finish() == 16 * 777)
            let found = try contents(of: try #require(writer.file.path))
            let pieces = stride(from: 0, to: found.count, by: 777).map { found[$0..<($0 + 777)] }
            #expect(pieces.allSatisfy { piece in piece.allSatisfy { $0 == piece.first } })
            #expect(Set(pieces.compactMap(\.first)) == Set(1...16))
        }
    }

    @Test func finishedWriterTakesNoMoreAndSaysTheSameAgain() async throws {
        try await withFixture(.buffered, size: 0) { fixture async throws in
            let writer = try await fixture.create().writer()
            try await writer.write([1, 2, 3])
            #expect(try await writer.finish() == 3)
            #expect(try await writer.finish() == 3)
            await expectError(.closed) { try await writer.write([4]) }
        }
    }

    @Test func nonsenseIsToldByTheFirstWrite() async throws {
        try await withFixture(.buffered, size: 0) { fixture async throws in
            let file = try await fixture.create()
            let bad = [
                file.writer(at: -1), file.writer(at: .min), file.writer(chunkLength: 0), file.writer(chunkLength: .min),
                file.writer(chunkLength: .max), file.writer(inFlight: 0), file.writer(inFlight: .max),
                file.writer(at: .max),
            ]
            for writer in bad {
                await expectError(.invalidArgument) { try await writer.write([1]) }
                _ = try? await writer.finish()
            }
            let writer = file.writer()
            try await writer.write([1])
            try await file.close()
            await expectError(.closed) { try await writer.finish() }
            #expect(writer.unwrittenRanges == [0..<1])
        }
    }

    /// In a process of its own, where no other test drops a writer.
    @Test func droppedWriterIsCountedAndAFinishedOneIsNot() async {
        await #expect(processExitsWith: .success) {
            try await withFixture(.buffered, size: 0) { fixture async throws in
                let file = try await fixture.create()
                #expect(AIOProcess.unfinishedWriters == 0)
                do {
                    let writer = file.writer(chunkLength: 4)
                    try await writer.write([1, 2, 3, 4, 5, 6])
                }
                #expect(AIOProcess.unfinishedWriters == 1)
                do {
                    let writer = file.writer()
                    try await writer.write([1])
                    try await writer.finish()
                }
                #expect(AIOProcess.unfinishedWriters == 1)
                // The chunk that was under way got to the file; what made none is lost.
                try await file.close()
                #expect(try contents(of: try #require(file.path)).count == 4)
            }
        }
    }

    @Test func cancelledTaskWritesNothingMore() async throws {
        try await withFixture(.direct, size: 0) { fixture async throws in
            let file = try await fixture.create()
            let writer = file.writer(chunkLength: 4096)
            try await writer.write([UInt8](repeating: 1, count: 5000))
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await #expect(throws: CancellationError.self) { try await writer.write([1]) }
                await #expect(throws: CancellationError.self) { try await writer.finish() }
            }
            await task.value
            #expect(writer.unwrittenRanges == [4096..<5000])
            #expect(try contents(of: try #require(file.path)).count == 4096)
        }
    }
}

@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct WriterFailureTests {
    private let fs: SlowFileSystem
    private let path: FilePath
    private let new = BytePattern(seed: 52)

    init() throws {
        fs = try SlowFileSystem()
        path = try fs.addFile("data", size: 1 << 20, pattern: BytePattern(seed: 51))
    }

    private func withFile(
        _ caching: AIOFile.Caching = .direct, _ body: (AIOFile) async throws -> Void
    ) async throws {
        try await withAIOContext { context async throws in
            try await body(try await AIOFile.open(path, .readWrite, caching: caching, on: context))
        }
    }

    private func written() throws -> [UInt8] { try contents(of: fs.backing.appending("data")) }

    @Test func noMoreChunksThanAllowedAreUnderWay() async throws {
        try await withFile { file async throws in
            let writer = file.writer(chunkLength: 4096, inFlight: 3)
            try fs.hold(.write)
            let task = Task { try await writer.write(new.bytes(at: 0, count: 8 * 4096)) }
            try await fs.wait(for: .write, 3)
            #expect(file.context.statistics.inFlight == 3)
            try fs.release(.write, 1)
            #expect(try await eventually { try fs.seen(.write) == 4 })
            #expect(try fs.held(.write) == 3)
            try fs.release(.write)
            try await task.value
            try await writer.finish()
            #expect(new.matches(try written().prefix(8 * 4096), at: 0))
        }
    }

    @Test func finishTellsTheFirstRangeThatDidNotGetThere() async throws {
        try await withFile { file async throws in
            let writer = file.writer(at: 8192, chunkLength: 4096, inFlight: 4)
            try fs.hold(.write)
            let task = Task { try await writer.write(new.bytes(at: 8192, count: 4 * 4096 + 100)) }
            try await fs.wait(for: .write, 4)
            // Two of the four, whichever: lane threads submit in any order.
            try fs.fail(.write, with: .ioError, times: 2)
            try fs.release(.write, 2)
            #expect(await eventually { writer.unwrittenRanges.reduce(0) { $0 + $1.count } == 8192 })
            try fs.release(.write)
            _ = try? await task.value
            let error = await expectError(.inputOutput) { try await writer.finish() }
            let missing = writer.unwrittenRanges
            #expect(error?.offset == missing.first?.lowerBound)
            #expect(error?.count == 4096)
            // The bytes that made no chunk were not tried any more.
            #expect(missing.last?.upperBound == Int64(8192 + 4 * 4096 + 100))
            #expect(missing.reduce(0) { $0 + $1.count } == 8192 + 100)
            await expectError(.closed) { try await writer.write([1]) }
            await expectError(.inputOutput) { try await writer.finish() }
            let bytes = try written()
            for offset in stride(from: 8192, to: 8192 + 4 * 4096, by: 4096) {
                let isThere = new.matches(bytes[offset..<(offset + 4096)], at: Int64(offset))
                #expect(isThere == !missing.contains { $0.contains(Int64(offset)) })
            }
        }
    }

    /// Random failures: whatever is not in `unwrittenRanges` is in the file.
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func whatIsNotToldAsMissingIsThere(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withFile { file async throws in
            for _ in 0..<8 {
                try PatternFile.write(BytePattern(seed: 51), size: 1 << 20, to: fs.backing.appending("data"))
                let offset = Int64.random(in: 0...20_000, using: &random)
                let writer = file.writer(
                    at: offset, chunkLength: Int.random(in: 512...20_000, using: &random),
                    inFlight: Int.random(in: 1...4, using: &random))
                let count = Int.random(in: 1...100_000, using: &random)
                var given = 0
                let failsAt = Int.random(in: 0...count, using: &random)
                do {
                    while given < count {
                        if given >= failsAt, Bool.random(using: &random) { try fs.fail(.write, with: .ioError) }
                        let piece = min(count - given, Int.random(in: 1...15_000, using: &random))
                        try await writer.write(new.bytes(at: offset + Int64(given), count: piece))
                        given += piece
                    }
                } catch is AIOError {}
                var failed = false
                do {
                    given = Int(try await writer.finish() - offset)
                } catch let error as AIOError {
                    failed = true
                    #expect(error.code == .inputOutput)
                    #expect(error.offset == writer.unwrittenRanges.first?.lowerBound)
                }
                #expect(failed == !writer.unwrittenRanges.isEmpty)
                let bytes = try written()
                var position = offset
                for missing in writer.unwrittenRanges + [(offset + Int64(given))..<(.max)] {
                    if position < missing.lowerBound {
                        let isThere = new.matches(bytes[Int(position)..<Int(missing.lowerBound)], at: position)
                        #expect(isThere, "\(position)..<\(missing.lowerBound)")
                    }
                    position = max(position, missing.upperBound)
                }
                // A failure that nobody took is not for the next round.
                while (try? await file.write(AIOBuffer(count: 4096), at: 0)) == nil {}
            }
        }
    }

    @Test func shortWritesAreCompleted() async throws {
        try await withFile(.buffered) { file async throws in
            try fs.shorten(.write, to: 4096, times: 5)
            let writer = file.writer(chunkLength: 65536, inFlight: 2)
            try await writer.write(new.bytes(at: 0, count: 300_000))
            try await writer.finish()
            #expect(new.matches(try written().prefix(300_000), at: 0))
        }
    }

    @Test func droppedWriterLeavesItsChunksToTheKernel() async throws {
        try await withFile { file async throws in
            try fs.hold(.write)
            do {
                let writer = file.writer(chunkLength: 4096, inFlight: 4)
                try await writer.write(new.bytes(at: 0, count: 2 * 4096))
            }
            try await fs.wait(for: .write, 2)
            try fs.release(.write)
            try await file.close()
            #expect(new.matches(try written().prefix(8192), at: 0))
        }
    }
}

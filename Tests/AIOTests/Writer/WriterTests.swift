import AIO
import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite(.timeLimit(.minutes(5)), .serialized) struct WriterTests {
    /// Writes any pieces at any offset and compares the file with an array.
    @Test(arguments: Setting.all, [1, 2, 3] as [UInt64])
    func fileHasTheBytesOfTheModel(setting: Setting, seed: UInt64) async throws {
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

    @Test func bufferMayBeChangedOnceWriteHasReturned() async throws {
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

    @Test func finishedWriterAcceptsNoBytesAndFinishesTheSameAgain() async throws {
        try await withFixture(.buffered, size: 0) { fixture async throws in
            let writer = try await fixture.create().writer()
            try await writer.write([1, 2, 3])
            #expect(try await writer.finish() == 3)
            #expect(try await writer.finish() == 3)
            await expectError(.closed) { try await writer.write([4]) }
        }
    }

    @Test func invalidArgumentsFailTheFirstWrite() async throws {
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

    /// Runs in a child process, where no other test drops a writer.
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
                // The chunk in flight reached the file; the bytes that filled no chunk are lost.
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

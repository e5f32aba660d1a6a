import AIO
import SystemPackage
import TestSupport
import Testing

/// Writers on a file system that fails.
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

    /// The twin of four tests that hold several writes of one file at the server: on threads the kernel lets one through at a
    /// time.
    @Test(.threads) func chunksAreWrittenOneByOneOnThreads() async throws {
        try await withFile { file async throws in
            let writer = file.writer(chunkLength: 4096, inFlight: 3)
            try fs.hold(.write)
            let task = Task { try await writer.write(new.bytes(at: 0, count: 8 * 4096)) }
            try await fs.wait(for: .write, 1)
            #expect(await eventually { file.context.statistics.inFlight == 3 })
            #expect(try fs.held(.write) == 1)
            try fs.fail(.write, with: .ioError, times: 1)
            try fs.release(.write, 1)
            #expect(await eventually { writer.unwrittenRanges.reduce(0) { $0 + $1.count } == 4096 })
            try fs.release(.write)
            _ = try? await task.value
            let error = await expectError(.inputOutput) { try await writer.finish() }
            #expect(error?.offset == writer.unwrittenRanges.first?.lowerBound)
        }
    }

    @Test(.kernel) func noMoreChunksThanConfiguredAreInFlight() async throws {
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

    @Test(.kernel) func finishReportsTheFirstUnwrittenRange() async throws {
        try await withFile { file async throws in
            let writer = file.writer(at: 8192, chunkLength: 4096, inFlight: 4)
            try fs.hold(.write)
            let task = Task { try await writer.write(new.bytes(at: 8192, count: 4 * 4096 + 100)) }
            try await fs.wait(for: .write, 4)
            // Any two of the four, as blocking threads submit in any order.
            try fs.fail(.write, with: .ioError, times: 2)
            try fs.release(.write, 2)
            #expect(await eventually { writer.unwrittenRanges.reduce(0) { $0 + $1.count } == 8192 })
            try fs.release(.write)
            _ = try? await task.value
            let error = await expectError(.inputOutput) { try await writer.finish() }
            let missing = writer.unwrittenRanges
            #expect(error?.offset == missing.first?.lowerBound)
            #expect(error?.count == 4096)
            // The bytes that filled no chunk were not written after the failure.
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
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func whatIsNotReportedAsUnwrittenIsInTheFile(seed: UInt64)
        async throws
    {
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
                // A failure that no write has met must not reach the next round.
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

    @Test(.kernel) func droppedWriterLeavesItsChunksToTheKernel() async throws {
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

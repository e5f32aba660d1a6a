import AIO
import SystemPackage
import TestSupport
import Testing

/// Chunks of a file system that fails, reads short, or hangs.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct ChunksFailureTests {
    private static let size = 256 << 10
    private let fs: SlowFileSystem
    private let pattern = BytePattern(seed: 31)
    private let path: FilePath

    init() throws {
        fs = try SlowFileSystem()
        path = try fs.addFile("data", size: Self.size, pattern: pattern)
    }

    private func withFile(_ body: (AIOFile) async throws -> Void) async throws {
        try await withAIOContext { context async throws in
            try await body(try await AIOFile.open(path, caching: .direct, on: context))
        }
    }

    // On threads the kernel completes a short read from the page cache, which has zeros where the server gave too little.
    @Test(.kernel, arguments: [1, 2, 3, 4] as [UInt64]) func shortReadsAreCompleted(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withFile { file async throws in
            for _ in 0..<20 {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    try fs.shorten(.read, to: Int.random(in: 0...9000, using: &random))
                }
                // A read of 0 bytes is the end of the sequence; what came before it must be right.
                var position: Int64 = 0
                for try await chunk in file.chunks(chunkLength: 16384, readAhead: 3) {
                    #expect(pattern.matches(chunk, at: position))
                    position += Int64(chunk.count)
                }
                #expect(position <= Int64(Self.size))
                _ = try await file.readToEnd()
            }
            #expect(try await file.chunks().reduce(0) { $0 + $1.count } == Self.size)
        }
    }

    @Test func shortReadInTheMiddleLosesAndRepeatsNothing() async throws {
        try await withFile { file async throws in
            for length in [512, 1000, 4096, 16383] {
                try fs.shorten(.read, to: length, times: 3)
                var position: Int64 = 0
                for try await chunk in file.chunks(chunkLength: 16384, readAhead: 2) {
                    #expect(pattern.matches(chunk, at: position))
                    #expect(chunk.count == 16384)
                    position += Int64(chunk.count)
                }
                #expect(position == Int64(Self.size))
            }
        }
    }

    /// Any range, chunk length and read-ahead, with failures anywhere: the sequence has all bytes before the chunk that
    /// failed, then throws the error with its offset, then ends.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func randomFailuresAreThrownAtTheirOffset(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withFile { file async throws in
            var failures = 0
            for _ in 0..<25 {
                let lower = Int64.random(in: 0...200_000, using: &random)
                let range = lower..<Int64.random(in: lower...300_000, using: &random)
                let failsAt = Int64.random(in: range.lowerBound...range.upperBound, using: &random)
                var iterator = file.chunks(
                    in: range, chunkLength: Int.random(in: 500...40_000, using: &random),
                    readAhead: Int.random(in: 0...5, using: &random)
                ).makeAsyncIterator()
                var (position, isArmed) = (range.lowerBound, false)
                do {
                    while true {
                        if !isArmed, position >= failsAt { try fs.fail(.read, with: .ioError) }
                        isArmed = position >= failsAt
                        guard let chunk = try await iterator.next() else { break }
                        let isRight = pattern.matches(chunk, at: position)
                        #expect(isRight, "\(chunk.count) bytes at \(position)")
                        position += Int64(chunk.count)
                    }
                    #expect(position == max(lower, min(range.upperBound, Int64(Self.size))))
                } catch let error as AIOError {
                    failures += 1
                    #expect(error.code == .inputOutput)
                    #expect(error.offset == position)
                    let after = try? await iterator.next()
                    #expect(after == nil)
                }
                // A failure that no read has met must not reach the next round.
                while (try? await file.read(at: 0, count: 4096)) == nil {}
            }
            #expect(failures > 0)
        }
    }

    @Test func errorIsThrownAtItsChunkAndEndsTheSequence() async throws {
        try await withFile { file async throws in
            try fs.hold(.read)
            let reader = Task { () async -> (Int, AIOError?) in
                var chunks = 0
                var iterator = file.chunks(chunkLength: 16384, readAhead: 1).makeAsyncIterator()
                do {
                    while let chunk = try await iterator.next() {
                        #expect(pattern.matches(chunk, at: Int64(chunks) * 16384))
                        chunks += 1
                    }
                    return (chunks, nil)
                } catch {
                    let after = try? await iterator.next()
                    #expect(after == nil)
                    return (chunks, error as? AIOError)
                }
            }
            // One at a time, as blocking threads submit several in any order.
            for _ in 0..<2 {
                try await fs.waitForReads(1)
                try fs.release(.read, 1)
            }
            try await fs.waitForReads(1)
            try fs.fail(.read, with: .ioError)
            try fs.release(.read)
            let (chunks, error) = await reader.value
            #expect(chunks == 2)
            #expect(error?.code == .inputOutput)
            #expect(error?.offset == 32768)
            #expect(error?.count == 16384)
        }
    }

    @Test func cancelledReaderReturnsAtOnceAndReadsNothingMore() async throws {
        try await withFile { file async throws in
            try fs.hold(.read)
            let reader = Task { try await file.chunks(chunkLength: 4096, readAhead: 4).reduce(0) { $0 + $1.count } }
            try await fs.waitForReads(4)
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
            let statistics = file.context.statistics
            // The kernel refuses to cancel them; they are abandoned and keep their own memory.
            #expect(statistics.abandoned == 4)
            #expect(statistics.pending == 0)
            #expect(try fs.seen(.read) == 4)
            try fs.release(.read)
            #expect(await eventually { file.context.statistics.inFlight == 0 })
            #expect(try fs.seen(.read) == 4)
        }
    }

    @Test func queuedReadsOfACancelledReaderNeverReachTheKernel() async throws {
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = 2
        try await withAIOContext(configuration) { context async throws in
            let file = try await AIOFile.open(path, caching: .direct, on: context)
            try fs.hold(.read)
            let reader = Task { try await file.chunks(chunkLength: 4096, readAhead: 6).reduce(0) { $0 + $1.count } }
            try await fs.waitForReads(2)
            reader.cancel()
            await #expect(throws: CancellationError.self) { try await reader.value }
            #expect(context.statistics.cancelledBeforeSubmission == 4)
            #expect(context.statistics.abandoned == 2)
            try fs.release(.read)
            try await file.close()
            #expect(try fs.seen(.read) == 2)
        }
    }

    @Test func leavingTheLoopCancelsTheReadsAhead() async throws {
        try await withFile { file async throws in
            try fs.hold(.read)
            let reader = Task {
                for try await chunk in file.chunks(chunkLength: 4096, readAhead: 4) { return chunk.count }
                return 0
            }
            try await fs.waitForReads(4)
            // All four, as they may have arrived in any order; the next read ahead is held again.
            try fs.release(.read, 4)
            #expect(try await reader.value == 4096)
            try fs.release(.read)
            try await file.close()
            #expect(await eventually { file.context.statistics.inFlight == 0 })
            #expect(file.context.statistics.operations.reads == 5)
        }
    }

    @Test func readerThatIsCancelledBeforeItsFirstReadReadsNothing() async throws {
        try await withFile { file async throws in
            let reader = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await file.chunks().reduce(0) { $0 + $1.count }
            }
            await #expect(throws: CancellationError.self) { try await reader.value }
            #expect(file.context.statistics.operations.reads == 0)
        }
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

/// Writers on a file system that fails and writes short: what is retried, what is not, and what is not started.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct WriterRecoveryTests {
    private let fs: SlowFileSystem
    private let path: FilePath
    private let new = BytePattern(seed: 62)

    init() throws {
        fs = try SlowFileSystem()
        path = try fs.addFile("data", size: 1 << 20, pattern: BytePattern(seed: 61))
    }

    private func withFile(
        _ caching: AIOFile.Caching = .direct, options: FileDescriptor.OpenOptions = [], retry: AIORetryPolicy? = nil,
        _ body: (AIOFile) async throws -> Void
    ) async throws {
        var configuration = AIOContext.Configuration()
        configuration.retry = retry
        try await withAIOContext(configuration) { context async throws in
            try await body(
                try await AIOFile.open(path, .readWrite, options: options, caching: caching, on: context))
        }
    }

    private func expectWritten(_ range: Range<Int>) throws {
        let bytes = try contents(of: fs.backing.appending("data"))
        let isRight = new.matches(bytes[range], at: Int64(range.lowerBound))
        #expect(isRight, "\(range)")
    }

    @Test func appendedChunkIsNotRetried() async throws {
        try await withFile(.buffered, options: .append, retry: AIORetryPolicy(.inputOutput, delay: .zero)) {
            file async throws in
            try fs.fail(.write, with: .ioError)
            let writer = file.writer(chunkLength: 4096)
            _ = try? await writer.write(new.bytes(at: 0, count: 4096))
            await expectError(.inputOutput) { try await writer.finish() }
            #expect(try fs.seen(.write) == 1)
        }
    }

    @Test func everyChunkHasItsOwnAttempts() async throws {
        try await withFile(retry: AIORetryPolicy(.inputOutput, maximumAttempts: 2, delay: .zero)) { file async throws in
            let writer = file.writer(chunkLength: 4096, inFlight: 1)
            for number in 0..<5 {
                // The second attempt of the chunk before has completed; otherwise it would meet the new failure.
                #expect(try await eventually { try fs.seen(.write) == 2 * number || !writer.unwrittenRanges.isEmpty })
                try fs.fail(.write, with: .ioError)
                try await writer.write(new.bytes(at: Int64(number) * 4096, count: 4096))
            }
            #expect(try await writer.finish() == 5 * 4096)
            #expect(try fs.seen(.write) == 10)
            try expectWritten(0..<(5 * 4096))
        }
    }

    @Test func unalignedEndsAreCompletedAfterShortWritesToo() async throws {
        try await withFile { file async throws in
            let writer = file.writer(at: 100, chunkLength: 4096)
            try fs.shorten(.write, to: 1000, times: 3)
            try await writer.write(new.bytes(at: 100, count: 3996 + 4096))
            #expect(await eventually { file.context.statistics.inFlight == 0 })
            try fs.shorten(.write, to: 30, times: 3)
            try await writer.write(new.bytes(at: 8192, count: 500))
            #expect(try await writer.finish() == 8692)
            try expectWritten(100..<8692)
        }
    }

    @Test(.kernel) func unalignedEndIsWrittenAfterAllOtherChunks() async throws {
        try await withFile { file async throws in
            let writer = file.writer(chunkLength: 4096, inFlight: 4)
            try fs.hold(.write)
            try await writer.write(new.bytes(at: 0, count: 2 * 4096 + 100))
            try await fs.wait(for: .write, 2)
            let finish = Task { try await writer.finish() }
            // A third write would have arrived long before.
            #expect(try await !eventually(within: .milliseconds(300)) { try fs.seen(.write) > 2 })
            try fs.release(.write)
            #expect(try await finish.value == 2 * 4096 + 100)
            #expect(try fs.seen(.write) == 3)
            try expectWritten(0..<(2 * 4096 + 100))
        }
    }

    @Test func noChunkIsStartedAfterAFailure() async throws {
        try await withFile { file async throws in
            let writer = file.writer(chunkLength: 4096, inFlight: 1)
            try fs.hold(.write)
            let write = Task { try await writer.write(new.bytes(at: 0, count: 4 * 4096)) }
            try await fs.wait(for: .write, 1)
            try fs.fail(.write, with: .ioError)
            try fs.release(.write)
            await expectError(.inputOutput) { try await write.value }
            await expectError(.inputOutput) { try await writer.write([1]) }
            let error = await expectError(.inputOutput) { try await writer.finish() }
            #expect(error?.offset == 0)
            #expect(try fs.seen(.write) == 1)
            #expect(writer.unwrittenRanges == [0..<8192])
        }
    }
}

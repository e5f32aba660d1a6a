import AIO
import SystemPackage
import TestSupport
import Testing

/// A file system that transfers fewer bytes than requested, or returns an error.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct ShortResultTests {
    private let fs: SlowFileSystem
    private let pattern = BytePattern(seed: 6)
    private let path: FilePath

    init() throws {
        fs = try SlowFileSystem()
        path = try fs.addFile("data", size: 256 << 10, pattern: pattern)
    }

    private func withFile(
        _ caching: AIOFile.Caching = .direct, _ body: (AIOFile) async throws -> Void
    ) async throws {
        try await withAIOContext { context async throws in
            try await body(try await AIOFile.open(path, .readWrite, caching: caching, on: context))
        }
    }

    @Test(.kernel) func shortReadIsReturnedAsShort() async throws {
        try await withFile { file async throws in
            try fs.shorten(.read, to: 1000)
            let bytes = try await file.read(at: 4096, count: 16384)
            #expect(bytes.count == 1000)
            #expect(pattern.matches(bytes, at: 4096))
            try fs.shorten(.read, to: 1000)
            var buffer = AIOBuffer(count: 16384)
            #expect(try await file.read(at: 4096, into: &buffer) == 1000)
            #expect(pattern.matches(buffer[..<1000], at: 4096))
        }
    }

    /// The read may end before the first requested byte, as it begins at the border of that byte's block.
    @Test(.kernel) func shortWidenedReadNeverShowsBytesThatWereNotRead() async throws {
        try await withFile { file async throws in
            for (length, expected) in [(50, 0), (100, 0), (101, 1), (1000, 900)] {
                try fs.shorten(.read, to: length)
                let bytes = try await file.read(at: 8192 + 100, count: 2000)
                #expect(bytes.count == expected)
                #expect(pattern.matches(bytes, at: 8192 + 100))
            }
        }
    }

    /// The twin of both: what a direct read lacks, preadv2(2) reads from the page cache.
    @Test(.threads) func onThreadsTheKernelItselfCompletesAShortRead() async throws {
        try await withFile { file async throws in
            for length in [50, 1000] {
                try fs.shorten(.read, to: length)
                let bytes = try await file.read(at: 8192 + 100, count: 2000)
                #expect(bytes.count == 2000)
                #expect(pattern.matches(bytes, at: 8192 + 100))
            }
        }
    }

    @Test func readExactlyContinuesAfterAShortRead() async throws {
        try await withFile { file async throws in
            try fs.shorten(.read, to: 5000, times: 2)
            let bytes = try await file.readExactly(at: 4096, count: 16384)
            #expect(bytes.count == 16384)
            #expect(pattern.matches(bytes, at: 4096))
        }
    }

    @Test func readToEndContinuesAfterAShortRead() async throws {
        try await withFile { file async throws in
            try fs.shorten(.read, to: 5000, times: 3)
            let bytes = try await file.readToEnd(at: 1)
            #expect(bytes.count == (256 << 10) - 1)
            #expect(pattern.matches(bytes, at: 1))
        }
    }

    /// A widened read that ends before the first requested byte returns none of them, but is not the end of the file.
    @Test(arguments: [1, 2, 3] as [UInt64]) func loopsDoNotTakeAShortWidenedReadForTheEnd(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        try await withFile { file async throws in
            for _ in 0..<20 {
                let offset = Int64.random(in: 1...100_000, using: &random)
                let lead = Int(offset % Int64(file.alignment.offset))
                func shortenSome() throws {
                    for _ in 0..<Int.random(in: 1...4, using: &random) {
                        try fs.shorten(.read, to: Int.random(in: 1...max(1, lead), using: &random))
                    }
                }
                try shortenSome()
                let count = Int.random(in: 1...50_000, using: &random)
                let exact = try await file.readExactly(at: offset, count: count)
                #expect(exact.count == count)
                #expect(pattern.matches(exact, at: offset))
                try shortenSome()
                let rest = try await file.readToEnd(at: offset)
                #expect(rest.count == (256 << 10) - Int(offset))
                #expect(pattern.matches(rest, at: offset))
            }
            await expectError(.unexpectedEndOfFile) { try await file.readExactly(at: (256 << 10) - 7, count: 8) }
            await expectError(.unexpectedEndOfFile) { try await file.readExactly(at: (256 << 10) + 7, count: 8) }
            #expect(try await file.readToEnd(at: (256 << 10) + 7).isEmpty)
        }
    }

    /// Through the page cache, as FUSE turns a short direct write into an error.
    @Test func writeReturnsAShortCountAndWriteAllContinues() async throws {
        let new = BytePattern(seed: 7)
        try await withFile(.buffered) { file async throws in
            let bytes = AIOBuffer(copying: new.bytes(at: 0, count: 65536))
            try fs.shorten(.write, to: 8192)
            #expect(try await file.write(bytes, at: 0) == 8192)
            try fs.shorten(.write, to: 4096, times: 3)
            let before = file.context.statistics.operations.writes
            try await file.writeAll(bytes, at: 0)
            #expect(file.context.statistics.operations.writes - before == 4)
            #expect(new.matches(try contents(of: fs.backing.appending("data"), count: 65536), at: 0))
        }
    }

    @Test func errorsOfTheFileSystemAreReportedUnchanged() async throws {
        try await withFile { file async throws in
            let cases: [(SlowFileSystem.Kind, Errno, AIOError.Code)] = [
                (.read, .ioError, .inputOutput), (.read, .permissionDenied, .permissionDenied),
                (.write, .noSpace, .noSpace), (.write, .ioError, .inputOutput), (.fsync, .ioError, .inputOutput),
                (.fsync, .diskQuotaExceeded, .noSpace), (.truncate, .noSpace, .noSpace),
            ]
            for (kind, errno, code) in cases {
                try fs.fail(kind, with: errno)
                let error = await expectError(code) {
                    switch kind {
                    case .read: _ = try await file.read(at: 4096, count: 4096)
                    case .write: _ = try await file.write(AIOBuffer(count: 4096), at: 4096)
                    case .fsync: try await file.synchronize()
                    default: try await file.resize(to: 100_000)
                    }
                }
                #expect(error?.errno == errno)
                #expect(error?.path == path)
            }
        }
    }

    /// The first 1,024 buffers are in the file: this call returns their count, and the next one the error.
    @Test func errorAfterAFirstRunOfBuffersIsAShortWrite() async throws {
        let new = BytePattern(seed: 8)
        let path = try fs.addFile("large", size: 8 << 20, pattern: pattern)
        try await withAIOContext { context async throws in
            let file = try await AIOFile.open(path, .readWrite, caching: .direct, on: context)
            let buffers = (0..<1100).map { AIOBuffer(copying: new.bytes(at: Int64($0) * 4096, count: 4096)) }
            try fs.hold(.write)
            async let written = file.write(buffers, at: 0)
            // 4 MiB, in FUSE requests of 1 MiB; that of the second run comes when these have all been answered.
            try await fs.wait(for: .write, 4)
            try fs.release(.write, 4)
            try await fs.wait(for: .write, 1)
            try fs.fail(.write, with: .noSpace)
            try fs.release(.write)
            #expect(try await written == 1024 * 4096)
            #expect(new.matches(try contents(of: fs.backing.appending("large"), count: 1024 * 4096), at: 0))
        }
    }
}

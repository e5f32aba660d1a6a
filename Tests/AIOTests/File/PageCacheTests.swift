import AIO
import SystemPackage
import TestSupport
import Testing

/// Buffered reads of files that are partly in the page cache.
@Suite(.timeLimit(.minutes(5))) struct PageCacheTests {
    private static let size = 256 << 10

    /// Leaves exactly those pages of the file in memory that begin in `resident`, and checks it.
    private func arrange(_ fixture: Fixture, resident: Range<Int>) throws {
        let source = try fixture.source.open()
        PageCache.drop(0..<Self.size, of: source)
        try PageCache.fill(resident, of: source)
        let pages = try PageCache.residency(of: source, size: Self.size)
        for (page, isResident) in pages.enumerated() {
            try #require(isResident == resident.contains(page * PageCache.pageSize), "page \(page)")
        }
    }

    @Test(arguments: [0..<size / 2, size / 2..<size, 4096..<8192, 0..<4096, 0..<0, 0..<size])
    func readIsRightInOneCallWhateverPartIsResident(resident: Range<Int>) async throws {
        try await withFixture(.buffered, size: Self.size) { fixture async throws in
            let file = try await fixture.open()
            try arrange(fixture, resident: resident)
            let bytes = try await file.read(at: 100, count: Self.size)
            #expect(bytes.count == Self.size - 100)
            #expect(fixture.pattern.matches(bytes, at: 100))
            let statistics = fixture.context.statistics
            #expect(statistics.operations.reads == 1)
            #expect(statistics.bytesRead == Self.size - 100)

            try arrange(fixture, resident: resident)
            var buffer = AIOBuffer(count: Self.size)
            #expect(try await file.read(at: 0, into: &buffer) == Self.size)
            #expect(fixture.pattern.matches(buffer, at: 0))
        }
    }

    @Test func residentFileIsReadWithoutABlockingThread() async throws {
        try await withFixture(.buffered, size: Self.size) { fixture async throws in
            let file = try await fixture.open()
            try arrange(fixture, resident: 0..<Self.size)
            let before = fixture.context.statistics
            for offset in stride(from: 0, to: Self.size, by: 10_000) {
                _ = try await file.read(at: Int64(offset), count: 10_000)
            }
            let after = fixture.context.statistics
            #expect(after.inline - before.inline == 27)
            #expect(after.onBlockingThread == before.onBlockingThread)
            #expect(after.submitted == before.submitted)
        }
    }

    @Test(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
    func coldFileIsReadByABlockingThread() async throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 2)
        let path = try fs.addFile("data", size: Self.size, pattern: pattern)
        try await withAIOContext { context async throws in
            let file = try await AIOFile.open(path, on: context)
            let before = context.statistics
            #expect(pattern.matches(try await file.read(at: 8192, count: 4096), at: 8192))
            #expect(context.statistics.onBlockingThread - before.onBlockingThread == 1)
            #expect(context.statistics.submitCalls == 0)
        }
    }

    /// A direct read has to see pages that were written and not yet synchronized.
    @Test func directReadSeesWhatWasJustWrittenBuffered() async throws {
        try await withFixture(.direct) { fixture async throws in
            let writer = try await AIOFile.open(fixture.path, .readWrite, on: fixture.context)
            let reader = try await fixture.open()
            for round in 0..<20 {
                let bytes = AIOBuffer(copying: repeatElement(UInt8(round), count: 8192))
                #expect(try await writer.write(bytes, at: 4096) == 8192)
                #expect(try await reader.read(at: 4096, count: 8192) == bytes)
            }
        }
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct WriteTests {
    @Test(arguments: Setting.all)
    func bufferIsWrittenAtItsOffset(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            let bytes = fixture.buffer(at: 8192, count: 65536)
            #expect(try await file.write(bytes, at: 8192) == 65536)
            let written = try contents(of: #require(file.path))
            #expect(written.count == 8192 + 65536)
            #expect(written[..<8192].isAll(0))
            #expect(fixture.pattern.matches(written[8192...], at: 8192))
            #expect(try await file.read(at: 8192, count: 65536) == bytes)
        }
    }

    @Test(arguments: Setting.all)
    func everySequenceOfBytesIsWritten(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            let bytes = fixture.pattern.bytes(at: 0, count: 4096)
            #expect(try await file.write(bytes, at: 0) == 4096)
            #expect(try await file.write(bytes[...], at: 4096) == 4096)
            #expect(try await file.write([bytes].joined(), at: 8192) == 4096)
            #expect(try await file.write(repeatElement(UInt8(7), count: 4096), at: 12288) == 4096)
            try await file.writeAll(AIOBuffer(copying: bytes), at: 16384)
            let expected = bytes + bytes + bytes + [UInt8](repeating: 7, count: 4096) + bytes
            #expect(try contents(of: #require(file.path)) == expected)
        }
    }

    @Test(arguments: Setting.all)
    func overwriteChangesItsRangeOnly(setting: Setting) async throws {
        try await withFixture(setting, size: 65536) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            #expect(try await file.write(repeatElement(UInt8(1), count: 4096), at: 8192) == 4096)
            let written = try contents(of: fixture.path)
            #expect(fixture.pattern.matches(written[..<8192], at: 0))
            #expect(written[8192..<12288].isAll(1))
            #expect(fixture.pattern.matches(written[12288...], at: 12288))
        }
    }

    @Test(arguments: Setting.all)
    func writeOfNoBytesChangesNothing(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            #expect(try await file.write(AIOBuffer(), at: 4096) == 0)
            #expect(try await file.write([UInt8](), at: 0) == 0)
            #expect(try await file.write([AIOBuffer](), at: 0) == 0)
            #expect(try await file.write([AIOBuffer(), AIOBuffer()], at: 0) == 0)
            try await file.writeAll(AIOBuffer(), at: 0)
            #expect(try await file.size() == 0)
            #expect(fixture.context.statistics.operations.writes == 0)
        }
    }

    @Test(arguments: Setting.onDisk)
    func unalignedBytesAreWrittenThroughThePageCache(setting: Setting) async throws {
        guard setting.caching == .buffered else { return }
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            #expect(try await file.write(fixture.buffer(at: 17, count: 1001), at: 17) == 1001)
            #expect(fixture.pattern.matches(try contents(of: #require(file.path), at: 17), at: 17))
        }
    }

    /// The slice of a widened read begins anywhere in memory; it can be written directly all the same.
    @Test(arguments: Setting.all)
    func theSliceOfAnUnalignedReadCanBeWritten(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let bytes = try await fixture.open().read(at: 3, count: 8192)
            let file = try await fixture.create()
            #expect(try await file.write(bytes, at: 0) == 8192)
            #expect(fixture.pattern.matches(try contents(of: #require(file.path)), at: 3))
        }
    }

    @Test(arguments: Setting.all)
    func concurrentWritesAllReachTheFile(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            let (count, length) = (200, 8192)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in (0..<count).shuffled() {
                    let offset = Int64(index * length)
                    group.addTask {
                        try await file.write(fixture.buffer(at: offset, count: length), at: offset)
                    }
                }
                for try await written in group { #expect(written == length) }
            }
            let written = try contents(of: #require(file.path))
            #expect(written.count == count * length)
            #expect(fixture.pattern.matches(written, at: 0))
        }
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReadTests {
    @Test(arguments: Setting.all)
    func readReturnsTheBytesOfItsRange(setting: Setting) async throws {
        try await withFixture(setting, size: 300_001) { fixture async throws in
            let file = try await fixture.open()
            for (offset, count) in [(0, 1), (0, 4096), (4096, 8192), (1, 1), (511, 2), (4095, 4098), (0, 300_001)] {
                let bytes = try await file.read(at: Int64(offset), count: count)
                #expect(bytes.count == count)
                #expect(fixture.pattern.matches(bytes, at: Int64(offset)), "\(count) bytes at \(offset)")
            }
        }
    }

    @Test(arguments: Setting.all)
    func readAcrossTheEndIsShort(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            for (offset, expected) in [(0, 10_001), (4096, 5905), (8192, 1809), (10_000, 1), (9999, 2)] {
                let bytes = try await file.read(at: Int64(offset), count: 16384)
                #expect(bytes.count == expected)
                #expect(fixture.pattern.matches(bytes, at: Int64(offset)), "at \(offset)")
            }
        }
    }

    @Test(arguments: Setting.all)
    func readPastTheEndIsEmpty(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            for offset: Int64 in [10_001, 10_002, 10_240, 12_288, 1 << 40, Int64.max - 4096, Int64.max - 100] {
                let bytes = try await file.read(at: offset, count: 100)
                #expect(bytes.isEmpty, "at \(offset)")
            }
        }
    }

    @Test(arguments: Setting.all)
    func readOfNoBytesIsEmptyAnywhere(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            for offset in [0, 1, 10_001, Int64.max] {
                #expect(try await file.read(at: offset, count: 0).isEmpty)
                var buffer = AIOBuffer()
                #expect(try await file.read(at: offset, into: &buffer) == 0)
                #expect(buffer.isEmpty)
            }
            #expect(fixture.context.statistics.operations.reads == 0)
        }
    }

    @Test(arguments: Setting.all)
    func readOfAnEmptyFileIsEmpty(setting: Setting) async throws {
        try await withFixture(setting, size: 0) { fixture async throws in
            let file = try await fixture.open()
            #expect(try await file.read(at: 0, count: 4096).isEmpty)
            #expect(try await file.readToEnd().isEmpty)
            #expect(try await file.size() == 0)
        }
    }

    @Test(arguments: Setting.all)
    func readIntoABufferFillsItAndKeepsItsCount(setting: Setting) async throws {
        try await withFixture(setting, size: 300_001) { fixture async throws in
            let file = try await fixture.open()
            for (offset, count) in [(0, 4096), (8192, 65536), (3, 1000), (4096, 777)] {
                var buffer = AIOBuffer(count: count)
                let read = try await file.read(at: Int64(offset), into: &buffer)
                #expect(read == count)
                #expect(buffer.count == count)
                #expect(fixture.pattern.matches(buffer, at: Int64(offset)), "\(count) bytes at \(offset)")
            }
        }
    }

    /// Direct I/O fills whole blocks: the kernel writes zeros behind the end.
    @Test(arguments: Setting.all)
    func readIntoABufferAcrossTheEndReadsUpToTheEnd(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            var buffer = AIOBuffer(copying: [UInt8](repeating: 0xee, count: 16384))
            let read = try await file.read(at: 8192, into: &buffer)
            #expect(read == 1809)
            #expect(fixture.pattern.matches(buffer[..<read], at: 8192))
            let rest: Set<UInt8> = setting.caching == .direct ? [0xee, 0] : [0xee]
            #expect(rest.isSuperset(of: buffer[read...]))
        }
    }

    @Test(arguments: Setting.all)
    func holeReadsAsZeros(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            try await file.resize(to: 1 << 20)
            let bytes = try await file.read(at: 123, count: 100_000)
            #expect(bytes.count == 100_000)
            #expect(bytes.isAll(0))
        }
    }

    @Test(arguments: Setting.all)
    func largeReadIsNotSplit(setting: Setting) async throws {
        try await withFixture(setting, size: 9 << 20) { fixture async throws in
            let bytes = try await fixture.open().read(at: 4096, count: 8 << 20)
            #expect(bytes.count == 8 << 20)
            #expect(fixture.pattern.matches(bytes, at: 4096))
        }
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct VectorTests {
    /// Returns uneven lengths for `count` buffers, some of them 0, all multiples of `unit`.
    private static func counts(_ count: Int, unit: Int) -> [Int] { (0..<count).map { $0 % 7 * unit } }

    private static func unit(_ file: AIOFile) -> Int { file.alignment.offset == 1 ? 13 : file.alignment.offset }

    @Test(arguments: Setting.all, [1, 3, 1023, 1024, 1025, 2500])
    func manyBuffersAreFilledInOrder(setting: Setting, count: Int) async throws {
        try await withFixture(setting, size: 4 << 20) { fixture async throws in
            let file = try await fixture.open()
            let unit = Self.unit(file)
            var buffers = Self.counts(count, unit: unit).map { AIOBuffer(count: $0) }
            let total = buffers.reduce(0) { $0 + $1.count }
            // The first 4 MiB hold them all: 2,500 buffers of 1,536 bytes on average.
            #expect(total + unit <= fixture.size)
            #expect(try await file.read(at: Int64(unit), into: &buffers) == total)
            var offset = Int64(unit)
            for (index, buffer) in buffers.enumerated() {
                #expect(fixture.pattern.matches(buffer, at: offset), "buffer \(index)")
                offset += Int64(buffer.count)
            }
        }
    }

    @Test(arguments: Setting.all, [1, 3, 1024, 1025, 2500])
    func manyBuffersAreWrittenInOrder(setting: Setting, count: Int) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            let unit = Self.unit(file)
            var buffers: [AIOBuffer] = []
            var end = Int64(0)
            for count in Self.counts(count, unit: unit) {
                buffers.append(fixture.buffer(at: end, count: count))
                end += Int64(count)
            }
            #expect(try await file.write(buffers, at: 0) == Int(end))
            let written = try contents(of: #require(file.path))
            #expect(written.count == Int(end))
            #expect(fixture.pattern.matches(written, at: 0))
        }
    }

    @Test(arguments: Setting.all)
    func readAcrossTheEndFillsTheFirstBuffersOnly(setting: Setting) async throws {
        try await withFixture(setting, size: 10_240) { fixture async throws in
            let file = try await fixture.open()
            var buffers = (0..<6).map { _ in AIOBuffer(copying: [UInt8](repeating: 0xee, count: 4096)) }
            #expect(try await file.read(at: 0, into: &buffers) == 10_240)
            #expect(fixture.pattern.matches(buffers[0], at: 0))
            #expect(fixture.pattern.matches(buffers[1], at: 4096))
            #expect(fixture.pattern.matches(buffers[2][..<2048], at: 8192))
            let rest: Set<UInt8> = setting.caching == .direct ? [0xee, 0] : [0xee]
            for buffer in buffers[3...] { #expect(rest.isSuperset(of: buffer)) }
            #expect(try await file.read(at: 12_288, into: &buffers) == 0)
        }
    }

    @Test(arguments: Setting.all)
    func oddOffsetsAndCountsAreReadRight(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            var buffers = [5, 0, 4096, 1, 700].map { AIOBuffer(count: $0) }
            #expect(try await file.read(at: 4001, into: &buffers) == 4802)
            var offset = Int64(4001)
            for buffer in buffers {
                #expect(fixture.pattern.matches(buffer, at: offset))
                offset += Int64(buffer.count)
            }
        }
    }

    @Test(arguments: Setting.all)
    func readIntoCopiesOfOneBufferFillsEachSeparately(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            let one = AIOBuffer(count: 4096)
            var buffers = [one, one, one]
            #expect(try await file.read(at: 0, into: &buffers) == 12288)
            for (index, buffer) in buffers.enumerated() {
                #expect(fixture.pattern.matches(buffer, at: Int64(index) * 4096))
            }
            #expect(one.isAll(0))
        }
    }

    @Test(arguments: Setting.all)
    func readIntoNoBuffersReadsNothing(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            var none: [AIOBuffer] = []
            #expect(try await file.read(at: 0, into: &none) == 0)
            var empty = [AIOBuffer(), AIOBuffer()]
            #expect(try await file.read(at: 0, into: &empty) == 0)
            #expect(fixture.context.statistics.operations.reads == 0)
        }
    }

    @Test func eachRunOf1024BuffersIsOneBlock() async throws {
        try await withFixture(.direct, size: 4 << 20) { fixture async throws in
            let file = try await fixture.open()
            var buffers = (0..<2500).map { _ in AIOBuffer(count: 512) }
            guard file.alignment.offset <= 512 else {
                print("SKIPPING a test: this disk's blocks are larger than 512 bytes")
                return
            }
            #expect(try await file.read(at: 0, into: &buffers) == 2500 * 512)
            #expect(fixture.context.statistics.submitted == 3)
        }
    }
}

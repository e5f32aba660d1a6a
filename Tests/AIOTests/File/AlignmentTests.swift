import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct AlignmentTests {
    /// Every position of a range relative to block borders: start, end, and the whole blocks in between.
    @Test func directReadOfAnyRangeIsRight() async throws {
        try await withFixture(.direct, size: 64 << 10) { fixture async throws in
            let file = try await fixture.open()
            let block = file.alignment.offset
            let edges = [0, 1, 2, block / 2, block - 2, block - 1]
            var ranges: [Range<Int>] = []
            for lead in edges {
                for tail in edges {
                    for blocks in 0...3 {
                        let (start, end) = (4 * block + lead, (4 + blocks) * block + tail)
                        if start <= end { ranges.append(start..<end) }
                    }
                }
            }
            // One after the other, also into memory that is not aligned.
            for range in ranges {
                let offset = Int64(range.lowerBound)
                let bytes = try await file.read(at: offset, count: range.count)
                #expect(bytes.count == range.count)
                #expect(fixture.pattern.matches(bytes, at: offset), "\(range)")
                var buffer = AIOBuffer(count: range.count)
                #expect(try await file.read(at: offset, into: &buffer) == range.count)
                #expect(buffer == bytes, "\(range)")
            }
        }
    }

    @Test func unalignedDirectReadAroundTheEndIsShort() async throws {
        try await withFixture(.direct, size: 5003) { fixture async throws in
            let file = try await fixture.open()
            let block = file.alignment.offset
            for offset in [0, 1, block, block + 1, 4999, 5000, 5002, 5003, 5004, 5003 + block] {
                for count in [1, 3, block, block + 1, 3 * block] {
                    let expected = max(0, min(offset + count, 5003) - offset)
                    let bytes = try await file.read(at: Int64(offset), count: count)
                    #expect(bytes.count == expected, "\(count) at \(offset)")
                    #expect(fixture.pattern.matches(bytes, at: Int64(offset)), "\(count) at \(offset)")
                }
            }
        }
    }

    @Test func oneDirectReadIsOneBlock() async throws {
        try await withFixture(.direct) { fixture async throws in
            let file = try await fixture.open()
            var before = fixture.context.statistics
            for (offset, count) in [(0, 4096), (8192, 512 << 10), (1, 1), (4095, 2), (777, 100_000)] {
                _ = try await file.read(at: Int64(offset), count: count)
                let after = fixture.context.statistics
                #expect(after.submitted - before.submitted == 1, "\(count) at \(offset)")
                #expect(after.operations.reads - before.operations.reads == 1)
                #expect(after.completed - before.completed == 1)
                before = after
            }
        }
    }

    @Test func misalignedDirectWriteThrowsAndReportsTheAlignment() async throws {
        try await withFixture(.direct, size: 64 << 10) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            let block = file.alignment.offset
            let before = fixture.context.statistics
            for (offset, count) in [(1, block), (0, block - 1), (0, 1), (block / 2, block), (block, block + 1)] {
                let bytes = fixture.buffer(count: count)
                let error = await expectError(.misaligned) { try await file.write(bytes, at: Int64(offset)) }
                #expect(error?.offset == Int64(offset))
                #expect(error?.count == count)
                #expect(error?.operation == "write")
                #expect(error?.path == fixture.path)
                #expect(error?.description.contains("multiples of \(block)") == true)
                await expectError(.misaligned) { try await file.writeAll(bytes, at: Int64(offset)) }
                await expectError(.misaligned) { try await file.write([bytes], at: Int64(offset)) }
                await expectError(.misaligned) { try await file.write(Array(bytes), at: Int64(offset)) }
            }
            // Their sum is aligned, but the kernel would refuse each of them.
            let halves = [fixture.buffer(count: block - 1), fixture.buffer(count: 1)]
            await expectError(.misaligned) { try await file.write(halves, at: 0) }
            #expect(fixture.context.statistics.submitted == before.submitted)
            #expect(fixture.pattern.matches(try contents(of: fixture.path), at: 0))
        }
    }

    /// tmpfs has no blocks, direct or not.
    @Test(arguments: Setting.inMemory)
    func tmpfsHasNoAlignment(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            #expect(file.alignment == AIOFile.Alignment(memory: 1, offset: 1))
            #expect(try await file.write(fixture.buffer(at: 3, count: 1001), at: 3) == 1001)
            #expect(fixture.pattern.matches(try await file.read(at: 0, count: 9999), at: 0))
        }
    }
}

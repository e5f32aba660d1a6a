import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RangesTests {
    private static func check(_ result: Result<AIOBuffer, any Error>, _ range: Range<Int64>, _ fixture: Fixture) throws
    {
        let bytes = try result.get()
        let end = min(range.upperBound, Int64(fixture.size))
        #expect(bytes.count == max(0, Int(end - range.lowerBound)), "\(range)")
        #expect(fixture.pattern.matches(bytes, at: range.lowerBound), "\(range)")
    }

    @Test(arguments: Setting.all)
    func resultsHaveTheOrderOfTheRanges(setting: Setting) async throws {
        try await withFixture(setting, size: 100_001) { fixture async throws in
            let file = try await fixture.open()
            // Aligned, unaligned, overlapping, the same twice, empty, across the end, past it.
            let ranges: [Range<Int64>] = [
                0..<4096, 8192..<8193, 4095..<4097, 1..<50_000, 1..<50_000, 777..<777, 512..<512,
                99_999..<100_500, 100_001..<100_002, 200_000..<300_000, 0..<100_001,
            ]
            let results = try await file.read(ranges: ranges)
            #expect(results.count == ranges.count)
            for (result, range) in zip(results, ranges) { try Self.check(result, range, fixture) }
        }
    }

    @Test(arguments: Setting.all)
    func noRangesReturnNoResults(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            #expect(try await file.read(ranges: []).isEmpty)
            #expect(fixture.context.statistics.operations.total == 1)
        }
    }

    @Test(arguments: Setting.all)
    func badRangeFailsAlone(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            let ranges: [Range<Int64>] = [0..<4096, -4096..<0, 4096..<8192, Int64.min..<Int64.max, 5..<10]
            let results = try await file.read(ranges: ranges)
            for good in [0, 2, 4] { try Self.check(results[good], ranges[good], fixture) }
            for bad in [1, 3] {
                let error = await expectError(.invalidArgument) { try results[bad].get() }
                #expect(error?.operation == "read")
                #expect(error?.offset == ranges[bad].lowerBound)
                #expect(error?.path == fixture.path)
            }
        }
    }

    @Test func rangesOfADirectFileAreSubmittedInOneCall() async throws {
        try await withFixture(.direct) { fixture async throws in
            let file = try await fixture.open()
            let before = fixture.context.statistics
            let ranges = (0..<32).map { Int64($0) * 8192..<Int64($0) * 8192 + 4096 }
            let results = try await file.read(ranges: ranges)
            for (result, range) in zip(results, ranges) { try Self.check(result, range, fixture) }
            let after = fixture.context.statistics
            #expect(after.submitCalls - before.submitCalls == 1)
            #expect(after.submittedBlocks - before.submittedBlocks == 32)
            #expect(after.submitted - before.submitted == 32)
            #expect(after.operations.reads == 32)
        }
    }

    @Test(arguments: Setting.onDisk)
    func moreRangesThanTheQueueIsDeepAreAllRead(setting: Setting) async throws {
        try await withFixture(setting, configuration: .depth(5)) { fixture async throws in
            let file = try await fixture.open()
            let ranges = (0..<1000).map { Int64($0) * 1001..<Int64($0) * 1001 + 900 }
            let results = try await file.read(ranges: ranges)
            for (result, range) in zip(results, ranges) { try Self.check(result, range, fixture) }
        }
    }

    @Test(arguments: Setting.onDisk)
    func rangesOfAClosedFileThrow(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            try await file.close()
            await expectError(.closed) { try await file.read(ranges: [0..<1]) }
            await expectError(.closed) { try await file.read(ranges: []) }
        }
    }
}

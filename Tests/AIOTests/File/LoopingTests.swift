import AIO
import SystemPackage
import TestSupport
import Testing

/// The reads and writes that loop until all bytes are transferred.
@Suite(.timeLimit(.minutes(5))) struct LoopingTests {
    @Test(arguments: Setting.all)
    func readExactlyReturnsAllOrReportsWhereTheFileEnds(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            #expect(fixture.pattern.matches(try await file.readExactly(at: 0, count: 10_001), at: 0))
            #expect(try await file.readExactly(at: 9_000, count: 1_001).count == 1_001)
            #expect(try await file.readExactly(at: 20_000, count: 0).isEmpty)
            let error = await expectError(.unexpectedEndOfFile) { try await file.readExactly(at: 9_000, count: 1_002) }
            #expect(error?.offset == 9_000)
            #expect(error?.count == 1_002)
            #expect(error?.path == fixture.path)
            #expect(error?.description.contains("the file ends after 1001 of these bytes") == true)
            await expectError(.unexpectedEndOfFile) { try await file.readExactly(at: 20_000, count: 1) }
        }
    }

    /// Runs in a child process, whose peak of memory is this test's. Buffered, as a direct read has the kernel fill
    /// all memory behind the end with zeros.
    @Test func readExactlyPastTheEndUsesNoMemoryForMissingBytes() async {
        await #expect(processExitsWith: .success) {
            try await withFixture(.buffered, size: 10_001) { fixture async throws in
                let file = try await fixture.open()
                await expectError(.unexpectedEndOfFile) { try await file.readExactly(at: 0, count: 2_147_479_552) }
                let status = try await AIOFile.open("/proc/self/status", on: fixture.context).readToEnd()
                let peak = String(decoding: status, as: UTF8.self).split(separator: "\n")
                    .first { $0.hasPrefix("VmHWM:") }
                let kibibytes = try #require(peak?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
                #expect(kibibytes < 1 << 20)
            }
        }
    }

    @Test(arguments: Setting.all, [0, 1, 4095, 4096, 65_536, 65_537, 1_000_003])
    func readToEndReadsFilesOfEverySize(setting: Setting, size: Int) async throws {
        try await withFixture(setting, size: size) { fixture async throws in
            let file = try await fixture.open()
            let whole = try await file.readToEnd()
            #expect(whole.count == size)
            #expect(fixture.pattern.matches(whole, at: 0))
            let rest = try await file.readToEnd(at: 3)
            #expect(rest.count == max(0, size - 3))
            #expect(fixture.pattern.matches(rest, at: 3))
            #expect(try await file.readToEnd(at: Int64(size) + 1).isEmpty)
        }
    }

    @Test(arguments: Setting.all)
    func readToEndStopsAtItsMaximum(setting: Setting) async throws {
        try await withFixture(setting, size: 200_000) { fixture async throws in
            let file = try await fixture.open()
            for maximum in [0, 1, 4096, 70_000, 199_999, 200_000, 200_001] {
                let bytes = try await file.readToEnd(maximum: maximum)
                #expect(bytes.count == min(maximum, 200_000))
                #expect(fixture.pattern.matches(bytes, at: 0))
            }
        }
    }

    @Test func readToEndReadsAFileWhoseSizeIsNotKnown() async throws {
        let file = try await AIOFile.open("/proc/self/maps")
        #expect(try await file.size() == 0)
        let text = String(decoding: try await file.readToEnd(), as: UTF8.self)
        #expect(text.contains("[stack]"))
        #expect(text.hasSuffix("\n"))
    }

    @Test(arguments: Setting.onDisk)
    func readToEndOfAnEnormousHoleIsAnErrorAndNoTrap(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            try await file.resize(to: 15 << 40)
            #expect(try await file.readToEnd(maximum: 100_000).count == 100_000)
            let error = await expectError(.systemLimit) { try await file.readToEnd() }
            #expect(error?.path == file.path)
        }
    }

    @Test(arguments: Setting.all)
    func writeAllWritesAll(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            try await file.writeAll(fixture.buffer(count: 1 << 20), at: 4096)
            #expect(fixture.pattern.matches(try contents(of: #require(file.path), at: 4096), at: 0))
            #expect(try await file.size() == 4096 + (1 << 20))
        }
    }
}

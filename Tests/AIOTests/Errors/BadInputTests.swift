import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct BadInputTests {
    @Test(arguments: Setting.all)
    func badInputIsAnErrorWithOperationOffsetAndCount(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            try await BadInput.tryAll(on: fixture)
            #expect(fixture.pattern.matches(try contents(of: fixture.path), at: 0))
        }
    }

    @Test(arguments: Setting.all)
    func highestOffsetsHaveNoData(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            #expect(try await file.readToEnd(at: .max).isEmpty)
            #expect(try await file.readToEnd(at: .max - 1).isEmpty)
            #expect(try await file.read(at: .max, count: 0).isEmpty)
            #expect(try await file.read(at: .max - 1, count: 1).isEmpty)
            var buffer = AIOBuffer(count: 4096)
            #expect(try await file.read(at: .max - 8191, into: &buffer) == 0)
        }
    }

    @Test(arguments: Setting.onDisk)
    func writePastTheFileSystemsMaximumIsTooLarge(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            let bytes = fixture.buffer(count: 4096)
            let offset = Int64.max - 8191
            let error = await expectError(.fileTooLarge) { try await file.write(bytes, at: offset) }
            #expect(error?.errno == .fileTooLarge)
            #expect(error?.offset == offset)
            await expectError(.fileTooLarge) { try await file.writeAll(bytes, at: offset) }
            await expectError(.fileTooLarge) { try await file.write([bytes], at: offset) }
            await expectError(.fileTooLarge) { try await file.resize(to: .max) }
            #expect(try await file.size() == Int64(fixture.size))
        }
    }

    @Test(arguments: Setting.all)
    func enormousValidCountsReadToTheEndOfTheFile(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            for offset: Int64 in [0, 1] {
                let bytes = try await file.read(at: offset, count: 2_147_479_552)
                #expect(bytes.count == 10_001 - Int(offset))
                #expect(fixture.pattern.matches(bytes, at: offset))
            }
            #expect(try await file.readToEnd(maximum: .max).count == 10_001)
        }
    }

    /// Runs in a child process, where no other test opens files meanwhile.
    @Test func badInputLeavesNothingBehind() async {
        await #expect(processExitsWith: .success) {
            func once() async throws {
                for setting in Setting.all {
                    try await withFixture(setting, size: 65536) { fixture async throws in
                        try await BadInput.tryAll(on: fixture)
                        await expectError(.notFound) { try await AIOFile.open("/missing", on: fixture.context) }
                        await expectError(.unsupported) {
                            try await AIOFile.open("/proc/self/maps", caching: .direct, on: fixture.context)
                        }
                    }
                }
                await expectError(.invalidArgument) {
                    var configuration = AIOContext.Configuration()
                    configuration.queueDepth = 5_000_000
                    return try AIOContext(configuration)
                }
            }
            // The first pass allocates what a process keeps for good.
            try await once()
            let before = ProcessCounters.openDescriptors()
            for _ in 0..<3 { try await once() }
            #expect(await eventually { ProcessCounters.openDescriptors() == before })
            #expect(await eventually { ProcessCounters.aioRings() == 0 })
            #expect(AIOProcess.liveContexts == 0)
        }
    }
}

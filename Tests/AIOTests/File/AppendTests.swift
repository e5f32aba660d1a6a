import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct AppendTests {
    @Test(arguments: Setting.all)
    func appendOptionWritesAtTheEndWhateverTheOffset(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            for index in 0..<4 {
                let bytes = fixture.buffer(at: Int64(index) * 4096, count: 4096)
                #expect(try await file.write(bytes, at: 77, options: .append) == 4096)
            }
            let pair = [fixture.buffer(at: 16384, count: 4096), fixture.buffer(at: 20480, count: 4096)]
            #expect(try await file.write(pair, at: 77, options: .append) == 8192)
            try await file.writeAll(fixture.buffer(at: 24576, count: 8192), at: 0, options: .append)
            let written = try contents(of: #require(file.path))
            #expect(written.count == 32768)
            #expect(fixture.pattern.matches(written, at: 0))
        }
    }

    @Test(arguments: Setting.all)
    func fileOpenedForAppendingWritesAtTheEndWhateverTheOffset(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create(options: .append)
            for index in 0..<4 {
                let bytes = fixture.buffer(at: Int64(index) * 4096, count: 4096)
                #expect(try await file.write(bytes, at: 77) == 4096)
                #expect(try await file.write([], at: 77) == 0)
            }
            let written = try contents(of: #require(file.path))
            #expect(written.count == 16384)
            #expect(fixture.pattern.matches(written, at: 0))
        }
    }

    @Test(arguments: Setting.onDisk)
    func concurrentAppendsAllArriveWhole(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create(options: .append)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for value in 0..<100 {
                    group.addTask {
                        let written = try await file.write(repeatElement(UInt8(value), count: 4096), at: 0)
                        #expect(written == 4096)
                    }
                }
                try await group.waitForAll()
            }
            let written = try contents(of: #require(file.path))
            #expect(written.count == 100 * 4096)
            var seen: Set<UInt8> = []
            for start in stride(from: 0, to: written.count, by: 4096) {
                let block = Set(written[start..<start + 4096])
                #expect(block.count == 1)
                seen.formUnion(block)
            }
            #expect(seen.count == 100)
        }
    }

    /// The effective offset is the file's end, which only the kernel can check.
    @Test func directAppendToAnUnalignedEndIsMisaligned() async throws {
        try await withFixture(.direct, size: 1001) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            let error = await expectError(.misaligned) {
                try await file.write(fixture.buffer(count: 4096), at: 0, options: .append)
            }
            #expect(error?.errno == .invalidArgument)
            #expect(error?.description.contains("\(file.alignment.offset)") == true)
            #expect(try await file.size() == 1001)
        }
    }
}

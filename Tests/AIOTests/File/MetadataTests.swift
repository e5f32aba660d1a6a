import AIO
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct MetadataTests {
    @Test(arguments: Setting.all)
    func sizeIsTheFilesSize(setting: Setting) async throws {
        try await withFixture(setting, size: 12_345) { fixture async throws in
            let (old, new) = (try await fixture.open(), try await fixture.create())
            #expect(try await old.size() == 12_345)
            #expect(try await new.size() == 0)
        }
    }

    @Test(arguments: Setting.all)
    func resizeShrinksAndGrowsWithZeros(setting: Setting) async throws {
        try await withFixture(setting, size: 20_000) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            try await file.resize(to: 5_000)
            #expect(try await file.size() == 5_000)
            try await file.resize(to: 30_000)
            let bytes = try await file.read(at: 0, count: 40_000)
            #expect(bytes.count == 30_000)
            #expect(fixture.pattern.matches(bytes[..<5_000], at: 0))
            #expect(bytes[5_000...].isAll(0))
            try await file.resize(to: 0)
            #expect(try await file.readToEnd().isEmpty)
        }
    }

    @Test(arguments: Setting.all)
    func resizeToAnInvalidSizeIsAnError(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            let error = await expectError(.invalidArgument) { try await file.resize(to: -1) }
            #expect(error?.operation == "resize")
            await expectError(.invalidArgument) { try await file.resize(to: .min) }
            await expectError(.invalidArgument) { try await fixture.open().resize(to: 5) }
            #expect(try await file.size() == Int64(fixture.size))
        }
    }

    @Test(arguments: Setting.all)
    func preallocateGrowsTheFileAndReservesItsBlocks(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            try await file.preallocate(4096..<1 << 20)
            #expect(try await file.size() == 1 << 20)
            #expect(try allocatedBytes(file) >= (1 << 20) - 4096)
            #expect(try await file.readToEnd().isAll(0))
        }
    }

    @Test(arguments: Setting.all)
    func preallocateCanKeepTheSize(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            try await file.preallocate(0..<1 << 20, keepingSize: true)
            #expect(try await file.size() == 0)
            #expect(try allocatedBytes(file) >= 1 << 20)
        }
    }

    @Test(arguments: Setting.all)
    func preallocateOfABadRangeIsAnError(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            try await file.preallocate(5..<5)
            #expect(try await file.size() == 0)
            let error = await expectError(.invalidArgument) { try await file.preallocate(-1..<5) }
            #expect(error?.operation == "preallocate")
            await expectError(.invalidArgument) { try await file.preallocate(Int64.min..<Int64.max) }
            await expectError(.badDescriptor) { try await fixture.open().preallocate(0..<5) }
            await expectError(setting.isOnDisk ? .fileTooLarge : .noSpace) { try await file.preallocate(0..<Int64.max) }
        }
    }

    @Test(arguments: Setting.all)
    func bothKindsOfSynchronizeComplete(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.create()
            _ = try await file.write(fixture.buffer(count: 65536), at: 0)
            try await file.synchronize()
            try await file.synchronize(.dataOnly)
            #expect(fixture.context.statistics.operations.synchronizations == 2)
            // A file open for reading can be synchronized, as with fsync(2).
            try await fixture.open().synchronize(.full)
        }
    }

    private func allocatedBytes(_ file: AIOFile) throws -> Int {
        var status = stat()
        let result = file.withUnsafeDescriptor { fstat($0.rawValue, &status) }
        guard result == 0 else { throw Errno(rawValue: errno) }
        return Int(status.st_blocks) * 512
    }
}

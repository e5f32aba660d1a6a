import AIO
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Errors that only a device or a full file system causes.
@Suite(.timeLimit(.minutes(5))) struct DeviceTests {
    @Test(.enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"), arguments: AIOFile.Caching.both)
    func deviceThatHasLostItsBlocksIsAnInputOutputError(caching: AIOFile.Caching) async throws {
        let device = try LoopDevice(size: 8 << 20)
        try await withAIOFile(device.path, .readWrite, caching: caching) { file async throws in
            #expect(try await file.size() == 8 << 20)
            #expect(try await file.read(at: 4 << 20, count: 4096).isAll(0))
            let image = try OpenDescriptor(device.file, .readWrite)
            try image.descriptor.resize(to: 1 << 20)
            withExtendedLifetime(image) {}
            let offset = Int64(6 << 20)
            let error = await expectError(.inputOutput) { try await file.read(at: offset, count: 4096) }
            #expect(error?.errno == .ioError)
            #expect(error?.path == device.path)
            #expect(error?.offset == offset)
            #expect(error?.count == 4096)
            #expect(error?.description.contains("the device failed") == true)
            await expectError(.inputOutput) { try await file.readExactly(at: offset, count: 4096) }
            await expectError(.inputOutput) { try await file.read(ranges: [offset..<offset + 512])[0].get() }
            // The blocks that are left can still be read.
            #expect(try await file.read(at: 0, count: 4096).count == 4096)
            #expect(file.context.statistics.failures[.ioError, default: 0] >= 3)
        }
    }

    @Test func fullDeviceHasNoSpace() async throws {
        try await withAIOFile("/dev/full", .writeOnly) { file async throws in
            let bytes = AIOBuffer(count: 100)
            let error = await expectError(.noSpace) { try await file.write(bytes, at: 0) }
            #expect(error?.errno == .noSpace)
            #expect(error?.path == "/dev/full")
            #expect(error?.description.contains("free space") == true)
            await expectError(.noSpace) { try await file.writeAll(bytes, at: 0) }
            await expectError(.noSpace) { try await file.write([bytes, bytes], at: 0) }
        }
    }

    @Test(.enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"), arguments: AIOFile.Caching.both)
    func fullFileSystemHasNoSpace(caching: AIOFile.Caching) async throws {
        let image = try Ext4Image()
        try await withAIOContext { context async throws in
            let file = try await AIOFile.open(
                image.path.appending("filler"), .readWrite, options: .create, permissions: .ownerReadWrite,
                caching: caching, on: context)
            let bytes = AIOBuffer(copying: repeatElement(UInt8(0x3c), count: 1 << 20))
            var end = Int64(0)
            let error = await expectError(.noSpace) {
                for _ in 0..<64 {
                    try await file.writeAll(bytes, at: end)
                    end += 1 << 20
                }
            }
            #expect(error?.errno == .noSpace)
            #expect(error?.operation == "write")
            #expect(try #require(error?.offset) >= end)
            await expectError(.noSpace) { try await file.preallocate(end..<end + 32 << 20) }
            // What was written before is right.
            #expect(end > 4 << 20)
            #expect(try await file.readExactly(at: 0, count: Int(end)).isAll(0x3c))
            try await file.close()
        }
    }

    /// Runs in a child process, as the limit holds for the whole process and its signal kills.
    @Test func writePastTheProcesssLimitIsTooLarge() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            for setting in Setting.onDisk {
                try await withFixture(setting, size: 65536) { fixture async throws in
                    let file = try await fixture.open(.readWrite)
                    var limit = rlimit(rlim_cur: 65536, rlim_max: rlim_t.max)
                    #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                    let error = await expectError(.fileTooLarge) {
                        try await file.write(fixture.buffer(count: 4096), at: 65536)
                    }
                    #expect(error?.description.contains("ulimit -f") == true)
                    #expect(try await file.write(fixture.buffer(count: 4096), at: 61440) == 4096)
                    limit.rlim_cur = .max
                    #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
                }
            }
        }
    }
}

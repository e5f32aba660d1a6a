import AIO
import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files made from descriptors that were opened elsewhere.
@Suite(.timeLimit(.minutes(5))) struct DescriptorTests {
    private static func isDirect(_ descriptor: FileDescriptor) -> Bool {
        fcntl(descriptor.rawValue, F_GETFL) & caio_o_direct != 0
    }

    @Test(arguments: Setting.onDisk)
    func cachingIsWhatTheDescriptorHas(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let open = try fixture.source.open(direct: setting.caching == .direct)
            let file = try AIOFile(open.descriptor, closesOnDeinit: false, on: fixture.context)
            #expect(file.caching == setting.caching)
            #expect(file.path == nil)
            let bytes = try await file.read(at: 5, count: 5000)
            #expect(bytes.count == 5000)
            #expect(fixture.pattern.matches(bytes, at: 5))
        }
    }

    @Test(arguments: Setting.onDisk)
    func cachingIsSwitchedOnTheDescriptor(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let open = try fixture.source.open(direct: setting.caching != .direct)
            let file = try AIOFile(
                open.descriptor, closesOnDeinit: false, caching: setting.caching, on: fixture.context)
            #expect(file.caching == setting.caching)
            #expect(Self.isDirect(open.descriptor) == (setting.caching == .direct))
            #expect((file.alignment.offset > 1) == (setting.caching == .direct))
            #expect(fixture.pattern.matches(try await file.read(at: 5, count: 5000), at: 5))
        }
    }

    @Test func invalidDescriptorIsABadDescriptor() async throws {
        try await withFixture(.buffered) { fixture async throws in
            for number: Int32 in [-1, .min, .max, 1_000_000] {
                let error = await expectError(.badDescriptor) {
                    try AIOFile(FileDescriptor(rawValue: number), closesOnDeinit: true, on: fixture.context)
                }
                #expect(error?.operation == "taking over descriptor \(number)")
                #expect(error?.errno == .badFileDescriptor)
            }
        }
    }

    /// The caller still owns the descriptor after the error.
    @Test func descriptorThatCannotBeDirectIsUnsupportedAndStaysOpen() async throws {
        let open = try OpenDescriptor("/proc/self/maps")
        await expectError(.unsupported) { try AIOFile(open.descriptor, closesOnDeinit: true, caching: .direct) }
        #expect(fcntl(open.descriptor.rawValue, F_GETFD) >= 0)
    }

    @Test func pipeHasNoOffsets() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        let reader = try AIOFile(read.descriptor, closesOnDeinit: false)
        let error = await expectError(.invalidArgument) { try await reader.read(at: 0, count: 10) }
        #expect(error?.errno == .illegalSeek)
        #expect(error?.description.contains("has no offsets") == true)
        let writer = try AIOFile(write.descriptor, closesOnDeinit: false)
        await expectError(.invalidArgument) { try await writer.write([1, 2, 3] as [UInt8], at: 0) }
        await expectError(.invalidArgument) { try await reader.readToEnd() }
    }

    @Test(arguments: Setting.onDisk)
    func wrongModeIsABadDescriptor(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let (reader, writer) = (try await fixture.open(.readOnly), try await fixture.open(.writeOnly))
            let bytes = fixture.buffer(count: 4096)
            let read = await expectError(.badDescriptor) { try await writer.read(at: 4096, count: 8192) }
            #expect(read?.operation == "read")
            #expect(read?.path == fixture.path)
            #expect(read?.offset == 4096)
            #expect(read?.count == 8192)
            #expect(read?.errno == .badFileDescriptor)
            var buffer = bytes
            await expectError(.badDescriptor) { try await writer.read(at: 0, into: &buffer) }
            var buffers = [buffer]
            await expectError(.badDescriptor) { try await writer.read(at: 0, into: &buffers) }
            await expectError(.badDescriptor) { try await writer.read(ranges: [0..<5])[0].get() }
            let write = await expectError(.badDescriptor) { try await reader.write(bytes, at: 4096) }
            #expect(write?.operation == "write")
            #expect(write?.count == 4096)
            await expectError(.badDescriptor) { try await reader.write([bytes, bytes], at: 0) }
            await expectError(.badDescriptor) { try await reader.writeAll(bytes, at: 0) }
            #expect(buffer == bytes)
        }
    }
}

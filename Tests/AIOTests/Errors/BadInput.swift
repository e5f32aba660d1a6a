import AIO
import SystemPackage
import TestSupport
import Testing

/// Input that no file can satisfy. Each of it is an error and leaves nothing behind.
enum BadInput {
    static let ranges: [(offset: Int64, count: Int)] = [
        (-1, 10), (.min, 10), (0, -1), (0, .min), (.min, .min), (0, .max), (.max, .max), (.max, 1), (.max - 5, 10),
        (1, .max), (-1, 0), (0, 2_147_479_553),
    ]

    /// Tries all bad input on a file that is open for reading and writing.
    static func tryAll(on fixture: Fixture) async throws {
        let file = try await fixture.open(.readWrite)
        let before = fixture.context.statistics
        for (offset, count) in ranges {
            await expectInvalid("read", offset, count) { try await file.read(at: offset, count: count) }
            await expectInvalid("read", offset, count) { try await file.readExactly(at: offset, count: count) }
        }
        for offset in [-1, -4096, .min] as [Int64] { try await tryOffset(offset, on: file, fixture) }
        await expectInvalid("read", -1, .max) { try await file.readToEnd(at: -1) }
        await expectInvalid("read", 0, -1) { try await file.readToEnd(maximum: -1) }
        let huge = Int64.max - 4095
        let bytes = fixture.buffer(count: 8192)
        await expectInvalid("write", huge, 8192) { try await file.write(bytes, at: huge) }
        await expectInvalid("write", huge, 8192) { try await file.writeAll(bytes, at: huge) }
        await expectInvalid("write", huge, 16384) { try await file.write([bytes, bytes], at: huge) }
        #expect(fixture.context.statistics.operations == before.operations)
        try await file.close()
    }

    private static func tryOffset(_ offset: Int64, on file: AIOFile, _ fixture: Fixture) async throws {
        let bytes = fixture.buffer(count: 4096)
        var buffer = bytes
        var buffers = [bytes, bytes]
        await expectInvalid("read", offset, 4096) { try await file.read(at: offset, into: &buffer) }
        await expectInvalid("read", offset, 8192) { try await file.read(at: offset, into: &buffers) }
        await expectInvalid("write", offset, 4096) { try await file.write(bytes, at: offset) }
        await expectInvalid("write", offset, 0) { try await file.write(AIOBuffer(), at: offset) }
        await expectInvalid("write", offset, 8192) { try await file.write(buffers, at: offset) }
        await expectInvalid("write", offset, 4096) { try await file.write(bytes, at: offset, options: .append) }
        await expectInvalid("write", offset, 4096) { try await file.writeAll(bytes, at: offset) }
        #expect(buffer == bytes && buffers == [bytes, bytes])
    }

    private static func expectInvalid<R>(
        _ operation: String, _ offset: Int64, _ count: Int, _ body: () async throws -> R
    ) async {
        let error = await expectError(.invalidArgument, body)
        #expect(error?.operation == operation)
        #expect(error?.offset == offset)
        #expect(error?.count == count)
        #expect(error?.path != nil)
        #expect(error?.errno == nil)
        #expect(error?.advice != "")
    }
}

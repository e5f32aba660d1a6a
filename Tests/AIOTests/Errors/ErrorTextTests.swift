import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ErrorTextTests {
    @Test func descriptionHasAllDetails() {
        var error = AIOError(.other, operation: "read")
        #expect(error.description == "read: failed")
        error.path = "/a/b"
        #expect(error.description == "read of /a/b: failed")
        error.offset = 4096
        error.count = 100
        #expect(error.description == "read of /a/b at offset 4096, 100 bytes: failed")
        error.errno = .ioError
        error.code = .inputOutput
        let known = "read of /a/b at offset 4096, 100 bytes: input/output error (Input/output error, errno 5)"
        #expect(error.description == known)
        error.advice = "try another disk"
        #expect(error.description == known + ": try another disk")
    }

    @Test func everyCodeHasItsOwnText() {
        let codes: [AIOError.Code] = [
            .invalidArgument, .misaligned, .badDescriptor, .notFound, .permissionDenied, .isDirectory,
            .alreadyExists, .noSpace, .fileTooLarge, .inputOutput, .unsupported, .systemLimit, .overloaded, .closed,
            .shutDown, .forked, .unexpectedEndOfFile, .timedOut, .interrupted, .wouldBlock, .other,
        ]
        #expect(Set(codes).count == codes.count)
        #expect(Set(codes.map(\.description)).count == codes.count)
        #expect(codes.allSatisfy { !$0.description.isEmpty })
    }

    @Test func errorsOfFilesReadAsSentences() async throws {
        try await withFixture(.direct, size: 100) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            let path = fixture.path
            let unit = file.alignment.offset
            let misaligned = await expectError(.misaligned) { try await file.write([1, 2, 3] as [UInt8], at: 1) }
            #expect(
                misaligned?.description == "write of \(path) at offset 1, 3 bytes: not aligned for direct I/O: "
                    + "a direct write's offset and count have to be multiples of \(unit) on this file")
            let short = await expectError(.unexpectedEndOfFile) { try await file.readExactly(at: 90, count: 20) }
            #expect(
                short?.description == "read of \(path) at offset 90, 20 bytes: unexpected end of file: "
                    + "the file ends after 10 of these bytes")
            let missing = await expectError(.notFound) { try await AIOFile.open("/missing", on: fixture.context) }
            #expect(
                missing?.description == "open of /missing: not found (No such file or directory, errno 2)")
            try await file.close()
            let closed = await expectError(.closed) { try await file.size() }
            #expect(closed?.description == "size of \(path): closed: the file was closed; open it again")
        }
    }
}

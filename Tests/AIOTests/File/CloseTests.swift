import AIO
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CloseTests {
    @Test(arguments: Setting.onDisk)
    func everyCallOnAClosedFileThrowsClosed(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            try await file.close()
            let error = await expectError(.closed) { try await file.read(at: 5, count: 10) }
            #expect(error?.path == fixture.path)
            #expect(error?.offset == 5)
            #expect(error?.count == 10)
            #expect(error?.operation == "read")
            var buffer = AIOBuffer(count: 4096)
            var buffers = [buffer, buffer]
            await expectError(.closed) { try await file.read(at: 0, count: 0) }
            await expectError(.closed) { try await file.read(at: 0, into: &buffer) }
            await expectError(.closed) { try await file.read(at: 3, into: &buffer) }
            await expectError(.closed) { try await file.read(at: 0, into: &buffers) }
            await expectError(.closed) { try await file.read(ranges: [0..<5]) }
            await expectError(.closed) { try await file.readExactly(at: 0, count: 1) }
            await expectError(.closed) { try await file.readToEnd() }
            await expectError(.closed) { try await file.readToEnd(maximum: 0) }
            let written = await expectError(.closed) { try await file.write(buffer, at: 4096) }
            #expect(written?.operation == "write")
            #expect(written?.offset == 4096)
            await expectError(.closed) { try await file.write([1, 2, 3] as [UInt8], at: 0) }
            await expectError(.closed) { try await file.write(AIOBuffer(), at: 0) }
            await expectError(.closed) { try await file.write(buffers, at: 0) }
            await expectError(.closed) { try await file.writeAll(buffer, at: 0) }
            await expectError(.closed) { try await file.synchronize() }
            await expectError(.closed) { try await file.size() }
            await expectError(.closed) { try await file.resize(to: 5) }
            await expectError(.closed) { try await file.preallocate(0..<5) }
            await expectError(.closed) { try await file.preallocate(0..<0) }
            #expect(file.withUnsafeDescriptor { $0.rawValue } == -1)
            #expect(try contents(of: fixture.path).count == fixture.size)
        }
    }

    @Test func closeIsIdempotentFromManyTasks() async throws {
        try await withFixture(.buffered) { fixture async throws in
            let file = try await fixture.open()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 { group.addTask { try await file.close() } }
                try await group.waitForAll()
            }
            try await file.close()
        }
    }

    @Test(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
    func closeWaitsForTheFilesOperations() async throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 3)
        let path = try fs.addFile("data", size: 1 << 20, pattern: pattern)
        try await withAIOContext { context in
            let file = try await AIOFile.open(path, caching: .direct, on: context)
            let descriptor = file.withUnsafeDescriptor { $0.rawValue }
            try fs.hold(.read)
            async let bytes = file.read(at: 4096, count: 8192)
            try await fs.waitForReads(1)
            async let closed: Void = file.close()
            // The close has begun once new operations fail; the descriptor stays open nevertheless.
            #expect(await eventually { await isClosed(file) })
            #expect(fcntl(descriptor, F_GETFD) >= 0)
            try fs.release(.read)
            #expect(pattern.matches(try await bytes, at: 4096))
            try await closed
        }
    }

    /// Runs in a child process, with a descriptor number so high that it is not reused once it is free.
    @Test func errorOfCloseIsThrownEveryTime() async {
        await #expect(processExitsWith: .success) {
            let low = open("/dev/null", O_RDONLY)
            let descriptor = fcntl(low, F_DUPFD, 800)
            #expect(descriptor >= 800)
            let file = try AIOFile(FileDescriptor(rawValue: descriptor), closesOnDeinit: true)
            #expect(close(descriptor) == 0)
            for _ in 0..<2 {
                let error = await expectError(.badDescriptor) { try await file.close() }
                #expect(error?.operation == "close")
            }
        }
    }

    @Test func withAIOFileClosesAfterReturningAndAfterThrowing() async throws {
        try await withFixture(.buffered) { fixture async throws in
            let file = try await withAIOFile(fixture.path, on: fixture.context) { file async throws in
                #expect(try await file.size() == Int64(fixture.size))
                return file
            }
            await expectError(.closed) { try await file.size() }

            let escaped = Escape<AIOFile>()
            await #expect(throws: Failure.self) {
                try await withAIOFile(fixture.path, on: fixture.context) { file in
                    escaped.value = file
                    throw Failure()
                }
            }
            await expectError(.closed) { try await #require(escaped.value).size() }
            await expectError(.notFound) { try await withAIOFile("/missing", on: fixture.context) { _ in } }
        }
    }

    /// The descriptor is identified by the pipe it refers to, as another test's may get its number meanwhile.
    @Test func lastReferenceClosesTheDescriptor() async throws {
        func makePipe() throws -> (OpenDescriptor, AIOFile) {
            let (read, write) = try OpenDescriptor.pipe()
            return (read, try AIOFile(write.descriptor.duplicate(), closesOnDeinit: true))
        }
        // The file holds the only write end: the original is closed by now.
        let read: OpenDescriptor
        var file: AIOFile?
        (read, file) = try makePipe()
        try await withAIOContext { context async throws in
            async let events = context.waitUntilReady(read.descriptor, for: .readable)
            withExtendedLifetime(file) {}
            file = nil
            // The pipe has no write end any more.
            #expect(try await events.contains(.hangUp))
        }
        withExtendedLifetime(read) {}
    }

    @Test func descriptorThatIsNotOwnedStaysOpen() async throws {
        try await withFixture(.buffered, size: 100) { fixture async throws in
            let open = try fixture.source.open()
            for closes in [true, false] {
                let file = try AIOFile(open.descriptor, closesOnDeinit: false, on: fixture.context)
                #expect(try await file.readToEnd().count == 100)
                if closes {
                    try await file.close()
                    await expectError(.closed) { try await file.readToEnd() }
                }
            }
            #expect(try open.size() == 100)
        }
    }

    private struct Failure: Error {}
}

private func isClosed(_ file: AIOFile) async -> Bool {
    do {
        _ = try await file.read(ranges: [])
        return false
    } catch {
        return true
    }
}

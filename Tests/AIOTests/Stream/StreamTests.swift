import AIO
import CTestSupport
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StreamTests {
    private func withPipe(
        _ body: (_ reader: AIOStream, _ writer: AIOStream) async throws -> Void
    ) async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            try await body(
                try AIOStream(read.descriptor, closesOnDeinit: false, on: context),
                try AIOStream(write.descriptor, closesOnDeinit: false, on: context))
        }
        withExtendedLifetime((read, write)) {}
    }

    private func withSockets(
        _ body: (_ one: AIOStream, _ other: AIOStream, OpenDescriptor) async throws -> Void
    ) async throws {
        var ends: [Int32] = [-1, -1]
        #expect(test_socket_pair(&ends, 20) == 0)
        let (one, other) = (
            OpenDescriptor(FileDescriptor(rawValue: ends[0])), OpenDescriptor(FileDescriptor(rawValue: ends[1]))
        )
        try await withAIOContext { context async throws in
            try await body(
                try AIOStream(one.descriptor, closesOnDeinit: false, on: context),
                try AIOStream(other.descriptor, closesOnDeinit: false, on: context), other)
        }
        withExtendedLifetime((one, other)) {}
    }

    private func readAll(
        _ stream: AIOStream, count: Int = 1 << 16, atMost maximum: Int = .max
    ) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < maximum {
            let bytes = try await stream.read(count: count)
            if bytes.isEmpty { return all }
            all += bytes
        }
        return all
    }

    /// Far more than a pipe holds: writer and reader wait for each other.
    @Test func allBytesPassThroughAPipeInOrder() async throws {
        let bytes = BytePattern(seed: 61).bytes(at: 0, count: 3_000_000)
        try await withPipe { reader, writer async throws in
            async let received = readAll(reader, atMost: bytes.count)
            try await writer.writeAll(bytes)
            #expect(try await received == bytes)
        }
    }

    @Test func allBytesPassThroughASocketInOrder() async throws {
        let bytes = BytePattern(seed: 62).bytes(at: 0, count: 3_000_000)
        try await withSockets { one, other, descriptor async throws in
            async let received = readAll(one)
            try await other.writeAll(bytes)
            #expect(shutdown(descriptor.descriptor.rawValue, Int32(SHUT_WR)) == 0)
            #expect(try await received == bytes)
        }
    }

    @Test func waitingReadUsesAPollAndNoBlockingThread() async throws {
        try await withPipe { reader, writer async throws in
            async let bytes = reader.read()
            #expect(await eventually { reader.context.statistics.inFlight == 1 })
            #expect(reader.context.statistics.operations.polls == 1)
            #expect(reader.context.statistics.onBlockingThread == 0)
            #expect(try await writer.write(AIOBuffer(copying: [1, 2, 3])) == 3)
            #expect(try await Array(bytes) == [1, 2, 3])
        }
    }

    @Test func readIntoABufferChangesNoCopyOfIt() async throws {
        try await withPipe { reader, writer async throws in
            var buffer = AIOBuffer(count: 10)
            let copy = buffer
            try await writer.writeAll([7, 8])
            #expect(try await reader.read(into: &buffer) == 2)
            #expect(Array(buffer) == [7, 8, 0, 0, 0, 0, 0, 0, 0, 0])
            #expect(Array(copy) == [UInt8](repeating: 0, count: 10))
            var empty = AIOBuffer()
            #expect(try await reader.read(into: &empty) == 0)
            #expect(try await reader.read(count: 0).isEmpty)
            await expectError(.invalidArgument) { try await reader.read(count: -1) }
        }
    }

    @Test func cancelledReadOfASilentPipeLosesNoByte() async throws {
        try await withPipe { reader, writer async throws in
            for round in 1...20 {
                let read = Task { try await reader.read() }
                #expect(await eventually { reader.context.statistics.inFlight == 1 })
                read.cancel()
                await #expect(throws: CancellationError.self) { try await read.value }
                #expect(reader.context.statistics.cancelledByKernel == round)
                #expect(reader.context.statistics.inFlight == 0)
            }
            try await writer.writeAll([9])
            #expect(try await Array(reader.read()) == [9])
        }
    }

    @Test func cancelledWriteToAFullPipeThrowsCancellationError() async throws {
        try await withPipe { reader, writer async throws in
            let write = Task { try await writer.writeAll([UInt8](repeating: 1, count: 1 << 20)) }
            #expect(await eventually { reader.context.statistics.inFlight == 1 })
            write.cancel()
            await #expect(throws: CancellationError.self) { try await write.value }
        }
    }

    @Test func closeFailsAWaitingRead() async throws {
        try await withPipe { reader, _ async throws in
            let read = Task { try await reader.read() }
            #expect(await eventually { reader.context.statistics.inFlight == 1 })
            try await reader.close()
            await expectError(.closed) { try await read.value }
            await expectError(.closed) { try await reader.read() }
            try await reader.close()
        }
    }

    @Test func brokenPipeIsAnErrorAndNoSignal() async throws {
        // The read end is released at once, which closes it.
        let otherEnd = try OpenDescriptor.pipe().write
        try await withAIOContext { context async throws in
            let writer = try AIOStream(otherEnd.descriptor, closesOnDeinit: false, on: context)
            let error = await expectError(.other) { try await writer.write(AIOBuffer(copying: [1])) }
            #expect(error?.errno == .brokenPipe)
        }
        try await withSockets { one, other, descriptor async throws in
            #expect(shutdown(descriptor.descriptor.rawValue, Int32(SHUT_RDWR)) == 0)
            let error = await expectError(.other) { try await one.writeAll([UInt8](repeating: 0, count: 100)) }
            #expect(error?.errno == .brokenPipe)
            #expect(try await one.read().isEmpty)
        }
    }

    @Test func nothingAboutTheDescriptorIsChanged() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        let before = fcntl(read.descriptor.rawValue, F_GETFL)
        try await withAIOContext { context async throws in
            let reader = try AIOStream(read.descriptor, closesOnDeinit: false, on: context)
            let task = Task { try await reader.read() }
            #expect(await eventually { context.statistics.inFlight == 1 })
            #expect(fcntl(read.descriptor.rawValue, F_GETFL) == before)
            task.cancel()
            _ = try? await task.value
        }
        #expect(fcntl(read.descriptor.rawValue, F_GETFL) == before)
        withExtendedLifetime(write) {}
    }

    @Test func devicesAndFilesAreStreamsToo() async throws {
        try await withFixture(.buffered, size: 300_000) { fixture async throws in
            let null = try OpenDescriptor("/dev/null", .readWrite)
            let stream = try AIOStream(null.descriptor, closesOnDeinit: false, on: fixture.context)
            #expect(try await stream.write(AIOBuffer(count: 5000)) == 5000)
            #expect(try await stream.read().isEmpty)
            let zero = try OpenDescriptor("/dev/zero")
            let zeros = try AIOStream(zero.descriptor, closesOnDeinit: false, on: fixture.context)
            #expect(try await zeros.read(count: 100).isAll(0))

            PageCache.drop(0..<fixture.size, of: try fixture.source.open())
            let open = try fixture.source.open()
            let file = try AIOStream(open.descriptor, closesOnDeinit: false, on: fixture.context)
            #expect(fixture.pattern.matches(try await readAll(file, count: 7777), at: 0))
            let new = try OpenDescriptor(fixture.source.directory.path("written"), .writeOnly, options: .create)
            let output = try AIOStream(new.descriptor, closesOnDeinit: false, on: fixture.context)
            try await output.writeAll(fixture.pattern.bytes(at: 0, count: 200_000))
            #expect(fixture.pattern.matches(try contents(of: fixture.source.directory.path("written")), at: 0))
        }
    }

    /// A terminal refuses NOWAIT: a read polls, then takes a blocking thread.
    @Test func terminalIsReadALineAtATime() async throws {
        let (master, slave) = try OpenDescriptor.terminal()
        try await withAIOContext { context async throws in
            let terminal = try AIOStream(slave.descriptor, closesOnDeinit: false, on: context)
            let keyboard = try AIOStream(master.descriptor, closesOnDeinit: false, on: context)
            async let line = terminal.read()
            #expect(await eventually { context.statistics.inFlight == 1 })
            try await keyboard.writeAll(Array("hello\n".utf8))
            #expect(String(decoding: try await line, as: UTF8.self) == "hello\n")
            let silent = Task { try await terminal.read() }
            #expect(await eventually { context.statistics.inFlight == 1 })
            silent.cancel()
            await #expect(throws: CancellationError.self) { try await silent.value }
            try await terminal.writeAll(Array("screen".utf8))
        }
        withExtendedLifetime((master, slave)) {}
    }

    @Test func directoriesAndBadDescriptorsAreRefused() async throws {
        let directory = try OpenDescriptor("/")
        await expectError(.isDirectory) { try AIOStream(directory.descriptor, closesOnDeinit: false) }
        await expectError(.badDescriptor) { try AIOStream(FileDescriptor(rawValue: -1), closesOnDeinit: false) }
        #expect(try AIOStream.standardInput !== AIOStream.standardInput)
        #expect(try await AIOStream.standardOutput.write(AIOBuffer()) == 0)
    }
}

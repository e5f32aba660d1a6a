import AIOEngine
import CTestSupport
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// How streams end, and what they report when something ends them.
@Suite(.timeLimit(.minutes(5))) struct StreamEndTests {
    private func withPipe(_ body: (_ reader: AIOStream, _ writer: AIOStream) async throws -> Void) async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            try await body(
                try AIOStream(read.descriptor, closesOnDeinit: false, on: context),
                try AIOStream(write.descriptor, closesOnDeinit: false, on: context))
        }
        withExtendedLifetime((read, write)) {}
    }

    private func isOpen(_ descriptor: FileDescriptor) -> Bool { fcntl(descriptor.rawValue, F_GETFD) >= 0 }

    @Test func standardStreamsUseTheProcesssDescriptorsAndLeaveThemOpen() throws {
        for (stream, descriptor) in [
            (try AIOStream.standardInput, FileDescriptor.standardInput),
            (try AIOStream.standardOutput, .standardOutput), (try AIOStream.standardError, .standardError),
        ] {
            #expect(stream.lease.descriptor == descriptor.rawValue)
            #expect(stream.context === (try AIOContext.shared))
        }
        for descriptor in [FileDescriptor.standardInput, .standardOutput, .standardError] {
            #expect(isOpen(descriptor))
        }
    }

    /// The reader is at the end of the stream only when no write end is open.
    @Test(arguments: [true, false]) func ownedDescriptorIsClosedWithItsStream(byDropping: Bool) async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            let reader = try AIOStream(read.descriptor, closesOnDeinit: false, on: context)
            // Neither closing nor dropping this one closes anything.
            try await AIOStream(write.descriptor, closesOnDeinit: false, on: context).close()
            #expect(isOpen(write.descriptor))
            let owned = try write.descriptor.duplicate()
            // The number stays in use, so that no other test's file gets it.
            #expect(dup2(read.descriptor.rawValue, write.descriptor.rawValue) == write.descriptor.rawValue)
            do {
                let stream = try AIOStream(owned, closesOnDeinit: true, on: context)
                #expect(try await stream.write(AIOBuffer(copying: [1])) == 1)
                if !byDropping {
                    try await stream.close()
                    await expectError(.closed) { try await stream.read() }
                    await expectError(.closed) { try await stream.write(AIOBuffer(count: 1)) }
                    await expectError(.closed) { try await stream.read(count: 0) }
                }
            }
            #expect(try await Array(reader.read()) == [1])
            #expect(try await reader.read().isEmpty)
        }
        withExtendedLifetime((read, write)) {}
    }

    @Test func closeFailsAWaitingWrite() async throws {
        try await withPipe { _, writer async throws in
            let write = Task { try await writer.writeAll([UInt8](repeating: 1, count: 1 << 20)) }
            #expect(await eventually { writer.context.statistics.inFlight == 1 })
            try await writer.close()
            await expectError(.closed) { try await write.value }
        }
    }

    @Test func shutdownFailsAWaitingRead() async throws {
        try await withPipe { reader, writer async throws in
            let read = Task { try await reader.read() }
            #expect(await eventually { reader.context.statistics.inFlight == 1 })
            try await reader.context.shutdown(.cancel)
            await expectError(.shutDown) { try await read.value }
            // Nothing is done inline afterwards either.
            await expectError(.shutDown) { try await writer.write(AIOBuffer(copying: [1])) }
            await expectError(.shutDown) { try await reader.read() }
        }
    }

    @Test func cancelledTaskReadsNoBytes() async throws {
        try await withPipe { reader, writer async throws in
            try await writer.writeAll([5, 6])
            let read = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await reader.read()
            }
            await #expect(throws: CancellationError.self) { try await read.value }
            let write = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await writer.write(AIOBuffer(copying: [7]))
            }
            await #expect(throws: CancellationError.self) { try await write.value }
            #expect(try await Array(reader.read()) == [5, 6])
        }
    }

    /// Bytes written before the cancellation stay in the pipe, in order, and `write` returns the count of each call.
    @Test func cancelledWritesLeaveAPrefixInThePipe() async throws {
        try await withPipe { reader, writer async throws in
            let pattern = BytePattern(seed: 81)
            let bytes = pattern.bytes(at: 0, count: 1 << 20)
            let reported = Escape<Int>()
            let write = Task {
                var rest = AIOBuffer(copying: bytes)
                var count = 0
                while !rest.isEmpty {
                    let written = try await writer.write(rest)
                    _ = rest.removeFirst(written)
                    count += written
                    reported.value = count
                }
            }
            #expect(await eventually { writer.context.statistics.inFlight == 1 })
            write.cancel()
            await #expect(throws: CancellationError.self) { try await write.value }
            let count = try #require(reported.value)
            #expect(count > 0 && count < bytes.count)
            var received: [UInt8] = []
            while received.count < count { received += try await reader.read() }
            #expect(received == Array(bytes[..<count]))
            // The pipe has no bytes beyond the count returned.
            let silent = Task { try await reader.read() }
            #expect(await eventually { reader.context.statistics.inFlight == 1 })
            silent.cancel()
            await #expect(throws: CancellationError.self) { try await silent.value }
        }
    }

    @Test func resetConnectionIsReported() async throws {
        var ends: [Int32] = [-1, -1]
        #expect(test_socket_pair(&ends, 20) == 0)
        let one = OpenDescriptor(FileDescriptor(rawValue: ends[0]))
        try await withAIOContext { context async throws in
            let stream = try AIOStream(one.descriptor, closesOnDeinit: false, on: context)
            try await stream.writeAll([1, 2, 3])
            // Closed with unread bytes.
            #expect(Glibc.close(ends[1]) == 0)
            let error = await expectError(.other) { try await stream.read() }
            #expect(error?.errno == .connectionReset)
            #expect(try await stream.read().isEmpty)
        }
        withExtendedLifetime(one) {}
    }

    @Test func wrongEndOfAPipeIsRefused() async throws {
        try await withPipe { reader, writer async throws in
            await expectError(.badDescriptor) { try await writer.read() }
            await expectError(.badDescriptor) { try await reader.write(AIOBuffer(count: 1)) }
            #expect(try await reader.write(AIOBuffer()) == 0)
        }
    }

    /// O_NONBLOCK, set elsewhere, changes nothing and stays set.
    @Test func nonblockingDescriptorIsWaitedForAllTheSame() async throws {
        try await withPipe { reader, writer async throws in
            for stream in [reader, writer] { #expect(fcntl(stream.lease.descriptor, F_SETFL, O_NONBLOCK) == 0) }
            let bytes = BytePattern(seed: 82).bytes(at: 0, count: 300_000)
            let write = Task { try await writer.writeAll(bytes) }
            var received: [UInt8] = []
            while received.count < bytes.count { received += try await reader.read() }
            try await write.value
            #expect(received == bytes)
            for stream in [reader, writer] { #expect(fcntl(stream.lease.descriptor, F_GETFL) & O_NONBLOCK != 0) }
        }
    }

    /// Neither an ID in the list that close() goes through, nor the epoll instance that watches a terminal.
    @Test func waitLeavesNothingBehind() async throws {
        let (master, slave) = try OpenDescriptor.terminal()
        try await withAIOContext { context async throws in
            let terminal = try AIOStream(slave.descriptor, closesOnDeinit: false, on: context)
            let before = ProcessCounters.openDescriptors(of: "anon_inode:[eventpoll]")
            for _ in 0..<300 {
                let read = Task { try await terminal.read() }
                #expect(await eventually { context.statistics.inFlight == 1 })
                read.cancel()
                await #expect(throws: CancellationError.self) { try await read.value }
            }
            #expect(terminal.waits.withLock { $0.count } == 0)
            // Other tests have epoll instances of their own.
            #expect(ProcessCounters.openDescriptors(of: "anon_inode:[eventpoll]") < before + 200)
        }
        withExtendedLifetime((master, slave)) {}
    }

    @Test func inlineOperationsAreCounted() async throws {
        try await withPipe { reader, writer async throws in
            try await writer.writeAll([1, 2, 3])
            _ = try await reader.read()
            await expectError(.badDescriptor) { try await reader.write(AIOBuffer(count: 1)) }
            let statistics = reader.context.statistics
            #expect([statistics.operations.reads, statistics.operations.writes] == [1, 2])
            #expect([statistics.bytesRead, statistics.bytesWritten] == [3, 3])
            #expect([statistics.inline, statistics.completed, statistics.submitted] == [3, 3, 0])
            #expect(statistics.failures == [.badFileDescriptor: 1])
        }
    }

    @Test func countsHaveTheirLimits() async throws {
        try await withAIOContext { context async throws in
            let zero = try OpenDescriptor("/dev/zero")
            let zeros = try AIOStream(zero.descriptor, closesOnDeinit: false, on: context)
            #expect((1...1 << 20).contains(try await zeros.read(count: .max).count))
            // A ready terminal has room for some bytes only; writing more could block the thread.
            let (master, slave) = try OpenDescriptor.terminal()
            let terminal = try AIOStream(slave.descriptor, closesOnDeinit: false, on: context)
            let screen = Task {
                let stream = try AIOStream(master.descriptor, closesOnDeinit: false, on: context)
                while try await !stream.read().isEmpty {}
            }
            let count = try await terminal.write(AIOBuffer(count: 100_000))
            #expect((1...4096).contains(count))
            screen.cancel()
            _ = await screen.result
            withExtendedLifetime((master, slave)) {}
        }
    }
}

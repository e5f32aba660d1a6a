import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct RetryTests {
    private let fs: SlowFileSystem
    private let path: FilePath
    private let pattern = BytePattern(seed: 71)

    init() throws {
        fs = try SlowFileSystem()
        path = try fs.addFile("data", size: 1 << 18, pattern: pattern)
    }

    private func withFile(
        _ policy: AIORetryPolicy?, _ caching: AIOFile.Caching = .direct, _ body: (AIOFile) async throws -> Void
    ) async throws {
        var configuration = AIOContext.Configuration()
        configuration.retry = policy
        try await withAIOContext(configuration) { context async throws in
            try await body(try await AIOFile.open(path, .readWrite, caching: caching, on: context))
        }
    }

    @Test func nothingIsRetriedWithoutAPolicy() async throws {
        #expect(AIOContext.Configuration().retry == nil)
        try await withFile(nil) { file async throws in
            try fs.fail(.read, with: .ioError)
            await expectError(.inputOutput) { try await file.read(at: 0, count: 4096) }
            #expect(try fs.seen(.read) == 1)
        }
    }

    @Test func chosenErrorIsRetriedUpToTheMaximum() async throws {
        try await withFile(AIORetryPolicy(.inputOutput, maximumAttempts: 3, delay: .zero)) { file async throws in
            try fs.fail(.read, with: .ioError, times: 2)
            let bytes = try await file.read(at: 4096, count: 4096)
            #expect(pattern.matches(bytes, at: 4096))
            #expect(try fs.seen(.read) == 3)
            try fs.fail(.read, with: .ioError, times: 3)
            await expectError(.inputOutput) { try await file.read(at: 0, count: 4096) }
            #expect(try fs.seen(.read) == 6)
            try fs.fail(.write, with: .ioError, times: 2)
            #expect(try await file.write(AIOBuffer(count: 4096), at: 0) == 4096)
            #expect(try fs.seen(.write) == 3)
        }
    }

    @Test func eachRangeIsRetriedByItself() async throws {
        try await withFile(AIORetryPolicy(.inputOutput, maximumAttempts: 2, delay: .zero)) { file async throws in
            let ranges: [Range<Int64>] = [0..<4096, 8192..<12288, 65536..<65600]
            try fs.fail(.read, with: .ioError, times: 3)
            let all = try await file.read(ranges: ranges)
            for (range, result) in zip(ranges, all) {
                let bytes = try result.get()
                #expect(bytes.count == range.count)
                #expect(pattern.matches(bytes, at: range.lowerBound))
            }
            #expect(try fs.seen(.read) == 6)
            // Both attempts of all of them.
            try fs.fail(.read, with: .ioError, times: 6)
            for result in try await file.read(ranges: ranges) { await expectError(.inputOutput) { try result.get() } }
            #expect(try fs.seen(.read) == 12)
        }
    }

    /// EAGAIN is a valid result of noWait, so it is submitted once.
    @Test func noWaitIsNotRetried() async throws {
        let kernel = try ScriptedKernel()
        var configuration = AIOContext.Configuration()
        configuration.retry = AIORetryPolicy([.tryAgain, .interrupted], maximumAttempts: 3, delay: .zero)
        let context = try AIOContext(configuration, kernels: [kernel])
        let source = try PatternFile(size: 1 << 16)
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let noWait = Task { try await file.read(at: 0, count: 4096, options: .noWait) }
        try await kernel.waitUntilSubmitted(1)
        kernel.completeAll(-Int(Errno.resourceTemporarilyUnavailable.rawValue))
        await expectError(.wouldBlock) { try await noWait.value }
        #expect(kernel.submissions.count == 1)
        let other = Task { try await file.read(at: 0, count: 4096) }
        for attempt in 1...2 {
            try await kernel.waitUntilSubmitted(1 + attempt)
            kernel.completeAll(-Int(Errno.interrupted.rawValue))
        }
        try await kernel.waitUntilSubmitted(4)
        kernel.completeAll()
        #expect(try await other.value.count == 4096)
        withExtendedLifetime(source) {}
        try await file.close()
        try await context.shutdown()
    }

    @Test func otherErrorsAndSynchronizeAreNotRetried() async throws {
        try await withFile(AIORetryPolicy(.inputOutput, delay: .zero)) { file async throws in
            try fs.fail(.write, with: .noSpace)
            await expectError(.noSpace) { try await file.write(AIOBuffer(count: 4096), at: 0) }
            #expect(try fs.seen(.write) == 1)
            try fs.fail(.fsync, with: .ioError)
            await expectError(.inputOutput) { try await file.synchronize() }
            #expect(try fs.seen(.fsync) == 1)
        }
    }

    @Test func appendIsNotRetried() async throws {
        try await withFile(AIORetryPolicy(.inputOutput, delay: .zero), .buffered) { file async throws in
            try fs.fail(.write, with: .ioError)
            await expectError(.inputOutput) { try await file.write(AIOBuffer(count: 4096), at: 0, options: .append) }
            #expect(try fs.seen(.write) == 1)
            // The same for a file that was opened for appending.
            let log = try await AIOFile.open(path, .writeOnly, options: .append, on: file.context)
            try fs.fail(.write, with: .ioError)
            await expectError(.inputOutput) { try await log.write(AIOBuffer(count: 4096), at: 0) }
            #expect(try fs.seen(.write) == 2)
            try await log.close()
        }
    }

    @Test func chunksAndWritersFollowThePolicy() async throws {
        try await withFile(AIORetryPolicy(.inputOutput, maximumAttempts: 2, delay: .zero)) { file async throws in
            try fs.fail(.read, with: .ioError)
            var position: Int64 = 0
            for try await chunk in file.chunks(chunkLength: 65536) {
                #expect(pattern.matches(chunk, at: position))
                position += Int64(chunk.count)
            }
            #expect(position == 1 << 18)
            try fs.fail(.write, with: .ioError)
            let writer = file.writer(chunkLength: 65536, inFlight: 1)
            try await writer.write(pattern.bytes(at: 0, count: 1 << 17))
            try await writer.finish()
        }
    }

    @Test func pausesDoubleUpToTheLastAttempt() {
        let policy = AIORetryPolicy(.inputOutput, maximumAttempts: 4, delay: .milliseconds(3))
        #expect(
            (1...4).map { policy.pause(after: $0, .ioError) } == [
                .milliseconds(3), .milliseconds(6), .milliseconds(12), nil,
            ])
        for other in [Errno.noSpace, .interrupted, .resourceTemporarilyUnavailable] {
            #expect(policy.pause(after: 1, other) == nil)
        }
        #expect(policy.pause(after: 1, nil) == nil)
        #expect(AIORetryPolicy().pause(after: 1, .interrupted) == .milliseconds(1))
        #expect(AIORetryPolicy().pause(after: 1, .resourceTemporarilyUnavailable) == .milliseconds(1))
        #expect(AIORetryPolicy().pause(after: 1, .ioError) == nil)
        // The product neither overflows nor exceeds the longest sleep.
        let aeons = AIORetryPolicy(.inputOutput, maximumAttempts: .max, delay: .seconds(Int64.max))
        #expect(aeons.pause(after: .max - 1, .ioError) == .longestSleep)
    }

    @Test func cancelledPauseEndsAtOnce() async throws {
        try await withFile(AIORetryPolicy(.inputOutput, delay: .seconds(3600))) { file async throws in
            try fs.fail(.read, with: .ioError)
            let read = Task { try await file.read(at: 0, count: 4096) }
            #expect(await eventually { file.context.statistics.failed == 1 })
            read.cancel()
            await #expect(throws: CancellationError.self) { try await read.value }
            #expect(try fs.seen(.read) == 1)
        }
    }

    @Test func pauseOfABodyEndsWithItsTask() async throws {
        let attempts = Escape<Int>()
        let task = Task {
            try await withAIORetry(AIORetryPolicy(maximumAttempts: 2, delay: .seconds(3600))) {
                attempts.value = (attempts.value ?? 0) + 1
                throw AIOError(.interrupted, operation: "test", errno: .interrupted)
            }
        }
        #expect(await eventually { attempts.value == 1 })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(attempts.value == 1)
    }

    @Test func anyBodyCanBeRetried() async throws {
        var attempts = 0
        let policy = AIORetryPolicy(maximumAttempts: 4, delay: .microseconds(1))
        let value = try await withAIORetry(policy) { () async throws -> Int in
            attempts += 1
            if attempts < 4 { throw AIOError(.interrupted, operation: "test", errno: .interrupted) }
            return attempts
        }
        #expect(value == 4)
        attempts = 0
        await expectError(.inputOutput) {
            try await withAIORetry(policy) {
                attempts += 1
                throw AIOError(.inputOutput, operation: "test", errno: .ioError)
            }
        }
        #expect(attempts == 1)
    }

    @Test func invalidPolicyIsRefused() async throws {
        for policy in [AIORetryPolicy(maximumAttempts: 0), AIORetryPolicy(delay: .seconds(-1))] {
            var configuration = AIOContext.Configuration()
            configuration.retry = policy
            await expectError(.invalidArgument) { try AIOContext(configuration) }
        }
    }
}

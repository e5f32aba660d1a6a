import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
    @Test func bodyThatIsInTimeReturnsAtOnce() async throws {
        let start = ContinuousClock.now
        #expect(try await withAIODeadline(.seconds(3600)) { 7 } == 7)
        #expect(start.duration(to: .now) < .seconds(600))
    }

    @Test func waitPastTheDeadlineThrowsTimedOutInsideAndOutside() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            let inside = Escape<AIOError>()
            let error = await expectError(.timedOut) {
                try await withAIODeadline(.milliseconds(20)) {
                    do {
                        _ = try await context.waitUntilReady(read.descriptor, for: .readable)
                    } catch let error as AIOError {
                        inside.value = error
                        throw error
                    }
                }
            }
            #expect(inside.value?.code == .timedOut)
            #expect(error?.operation == "waiting for descriptor \(read.descriptor.rawValue)")
            #expect(context.statistics.cancelledByKernel == 1)
        }
        withExtendedLifetime(write) {}
    }

    @Test func everyOperationOfTheGroupIsReached() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            let stream = try AIOStream(read.descriptor, closesOnDeinit: false, on: context)
            let codes = try await withAIODeadline(.now + .milliseconds(20)) {
                await withTaskGroup(of: AIOError.Code?.self) { group in
                    for _ in 0..<10 {
                        group.addTask {
                            do {
                                _ = try await stream.read()
                                return nil
                            } catch { return (error as? AIOError)?.code }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(codes == Array(repeating: .timedOut, count: 10))
            #expect(context.statistics.inFlight == 0)
        }
        withExtendedLifetime(write) {}
    }

    @Test func otherSleepsTimeOutToo() async throws {
        await expectError(.timedOut) {
            try await withAIODeadline(.milliseconds(1)) { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    @Test func callersOwnCancellationThrowsCancellationError() async throws {
        let task = Task {
            try await withAIODeadline(.seconds(3600)) { try await Task.sleep(for: .seconds(3600)) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func errorOfTheBodyIsThrownUnchanged() async throws {
        await expectError(.notFound) {
            try await withAIODeadline(.seconds(3600)) { try await AIOFile.open("/no/such/file") }
        }
    }

    @Test func nestedDeadlinesEndWithTheEarliest() async throws {
        for (outer, inner) in [(Duration.milliseconds(5), Duration.seconds(3600)), (.seconds(3600), .milliseconds(5))] {
            await expectError(.timedOut) {
                try await withAIODeadline(outer) {
                    try await withAIODeadline(inner) { try await Task.sleep(for: .seconds(3600)) }
                }
            }
        }
    }

    /// The bytes could be written inline, so the deadline must be checked without a timer.
    @Test func pastDeadlineStartsNoOperation() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            let stream = try AIOStream(write.descriptor, closesOnDeinit: false, on: context)
            for limit in [.zero, .seconds(-5), Duration(secondsComponent: .min, attosecondsComponent: 0)] {
                await expectError(.timedOut) {
                    try await withAIODeadline(limit) { try await stream.writeAll([1, 2, 3]) }
                }
            }
            await expectError(.timedOut) {
                try await withAIODeadline(.now - .milliseconds(1)) { try await stream.writeAll([1, 2, 3]) }
            }
            #expect(context.statistics.operations.writes == 0)
            let cancelled = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await withAIODeadline(.zero) { try await stream.writeAll([1, 2, 3]) }
            }
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            #expect(context.statistics.operations.writes == 0)
        }
        withExtendedLifetime(read) {}
    }

    @Test(arguments: [Duration.seconds(Int64.max), .nanoseconds(Int64.max), .seconds(Int64.max) * 8])
    func limitOfAeonsNeverExpires(limit: Duration) async throws {
        let task = Task { try await withAIODeadline(limit) { try await Task.sleep(for: .seconds(3600)) } }
        let inTime = Task { try await withAIODeadline(limit) { try await Task.sleep(for: .milliseconds(2)) } }
        try await inTime.value
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let far = ContinuousClock.now + .seconds(Int64.max)
        #expect(try await withAIODeadline(far) { 7 } == 7)
    }

    @Test func drainOfAeonsWaits() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        let context = try AIOContext()
        let wait = Task { try await context.waitUntilReady(read.descriptor, for: .readable) }
        #expect(await eventually { context.statistics.inFlight == 1 })
        let shutdown = Task { try await context.shutdown(.drain(timeout: .seconds(Int64.max))) }
        // Waits that complete at once succeed until the drain refuses new operations.
        #expect(
            await eventually {
                do {
                    _ = try await context.waitUntilReady(write.descriptor, for: .writable)
                    return false
                } catch { return (error as? AIOError)?.code == .shutDown }
            })
        #expect(context.statistics.inFlight == 1)
        _ = try write.descriptor.writeAll([1])
        #expect(try await wait.value == .readable)
        try await shutdown.value
    }

    @Test func resultOfABodyThatIgnoresTheDeadlineCounts() async throws {
        #expect(
            try await withAIODeadline(.milliseconds(5)) {
                try? await Task.sleep(for: .seconds(3600))
                return 7
            } == 7)
        await expectError(.notFound) {
            try await withAIODeadline(.milliseconds(5)) {
                try? await Task.sleep(for: .seconds(3600))
                throw AIOError(.notFound, operation: "test")
            }
        }
        // The caller's cancellation does not replace the body's error either.
        let cancelled = Task {
            try await withAIODeadline(.seconds(3600)) {
                try? await Task.sleep(for: .seconds(3600))
                // Late, so that the timer has been cancelled by now.
                for _ in 0..<100 { await Task.yield() }
                throw AIOError(.notFound, operation: "test")
            }
        }
        cancelled.cancel()
        await expectError(.notFound) { try await cancelled.value }
        let nothing: Int? = try await withAIODeadline(.seconds(3600)) { nil as Int? }
        #expect(nothing == nil)
    }

    /// Also inside both deadlines the error is that of the outer one.
    @Test func operationInBothDeadlinesThrowsTimedOutForTheOuterOne() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            let inside = Escape<AIOError.Code>()
            await expectError(.timedOut) {
                try await withAIODeadline(.milliseconds(5)) {
                    try await withAIODeadline(.seconds(3600)) {
                        do {
                            _ = try await context.waitUntilReady(read.descriptor, for: .readable)
                        } catch {
                            inside.value = (error as? AIOError)?.code
                            throw error
                        }
                    }
                }
            }
            #expect(inside.value == .timedOut)
        }
        withExtendedLifetime(write) {}
    }

    /// The inner deadline ends with its body; what follows has the outer one's time.
    @Test func expiredInnerDeadlineDoesNotAffectWhatFollows() async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            let (reader, writer) = (
                try AIOStream(read.descriptor, closesOnDeinit: false, on: context),
                try AIOStream(write.descriptor, closesOnDeinit: false, on: context)
            )
            let bytes = try await withAIODeadline(.seconds(3600)) {
                await expectError(.timedOut) {
                    try await withAIODeadline(.milliseconds(5)) { try await reader.read() }
                }
                try await writer.writeAll([4])
                return try await Array(reader.read())
            }
            #expect(bytes == [4])
        }
    }
}

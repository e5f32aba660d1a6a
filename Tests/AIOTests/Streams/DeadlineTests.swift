import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DeadlineTests {
    @Test func bodyThatIsInTimeReturnsAndNothingElseWaits() async throws {
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
                        _ = try await context.ready(read.descriptor, for: .readable)
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

    @Test func callersOwnCancellationStaysOne() async throws {
        let task = Task {
            try await withAIODeadline(.seconds(3600)) { try await Task.sleep(for: .seconds(3600)) }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func errorOfTheBodyIsThrownAsItIs() async throws {
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
}

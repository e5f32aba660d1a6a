import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ReadinessTests {
    private func withPipe(
        _ body: (AIOContext, OpenDescriptor, OpenDescriptor) async throws -> Void
    ) async throws {
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in try await body(context, read, write) }
    }

    @Test func emptyPipeIsReadableOnceSomethingIsWritten() async throws {
        try await withPipe { context, read, write async throws in
            async let events = context.waitUntilReady(read.descriptor, for: .readable)
            // The poll is in flight before there is anything to read.
            #expect(await eventually { context.statistics.inFlight == 1 })
            #expect(try write.descriptor.writeAll([1]) == 1)
            #expect(try await events == .readable)
            #expect(context.statistics.operations.polls == 1)
            #expect(context.statistics.submitted == 1)
        }
    }

    @Test func whatIsReadyAlreadyReturnsAtOnce() async throws {
        try await withPipe { context, read, write async throws in
            #expect(try await context.waitUntilReady(write.descriptor, for: .writable) == .writable)
            #expect(try write.descriptor.writeAll([1]) == 1)
            #expect(try await context.waitUntilReady(read.descriptor, for: [.readable, .priority]) == .readable)
            #expect(try await context.waitUntilReady(read.descriptor, for: .readable) == .readable)
        }
    }

    @Test func closedWriteEndIsAHangUpThoughNotWaitedFor() async throws {
        var write: OpenDescriptor?
        let read: OpenDescriptor
        (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext { context async throws in
            async let events = context.waitUntilReady(read.descriptor, for: .readable)
            #expect(await eventually { context.statistics.inFlight == 1 })
            withExtendedLifetime(write) {}
            write = nil
            #expect(try await events.contains(.hangUp))
        }
        withExtendedLifetime(read) {}
    }

    @Test func closedReadEndIsAnErrorThoughNotWaitedFor() async throws {
        let write: OpenDescriptor
        var read: OpenDescriptor?
        (read, write) = try OpenDescriptor.pipe()
        withExtendedLifetime(read) {}
        read = nil
        try await withAIOContext { context async throws in
            let events = try await context.waitUntilReady(write.descriptor, for: .writable)
            #expect(events.contains(.error))
        }
        withExtendedLifetime(write) {}
    }

    @Test func fullPipeIsWritableOnceSomethingIsRead() async throws {
        try await withPipe { context, read, write async throws in
            let size = 65536
            #expect(try write.descriptor.writeAll([UInt8](repeating: 0, count: size)) == size)
            async let events = context.waitUntilReady(write.descriptor, for: .writable)
            #expect(await eventually { context.statistics.inFlight == 1 })
            var rest = size
            while rest > 0 {
                rest -= try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) {
                    try read.descriptor.read(into: $0)
                }
            }
            #expect(try await events == .writable)
        }
    }

    @Test func regularFileIsAlwaysReady() async throws {
        try await withFixture(.buffered) { fixture async throws in
            let open = try fixture.source.open()
            let events = try await fixture.context.waitUntilReady(open.descriptor, for: [.readable, .writable])
            #expect(events == [.readable, .writable])
            withExtendedLifetime(open) {}
        }
    }

    @Test func invalidDescriptorIsABadDescriptor() async throws {
        try await withAIOContext { context async throws in
            for number: Int32 in [-1, .min, 1_000_000] {
                let error = await expectError(.badDescriptor) {
                    try await context.waitUntilReady(FileDescriptor(rawValue: number), for: .readable)
                }
                #expect(error?.errno == .badFileDescriptor)
                #expect(
                    error?.description == "waiting for descriptor \(number): bad descriptor (Bad file descriptor, "
                        + "errno 9): it is not open, or not open for this")
            }
            #expect(context.statistics.failures == [.badFileDescriptor: 3])
        }
    }

    @Test func noEventsOrUnknownOnesAreInvalid() async throws {
        try await withPipe { context, read, _ async throws in
            for events in [[], AIOEvents(rawValue: 1 << 20), AIOEvents(rawValue: .max)] {
                let error = await expectError(.invalidArgument) {
                    try await context.waitUntilReady(read.descriptor, for: events)
                }
                #expect(error?.operation == "waiting for descriptor \(read.descriptor.rawValue)")
            }
            #expect(context.statistics.operations.polls == 0)
        }
    }

    @Test func moreWaitsThanTheQueueIsDeepAllComplete() async throws {
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = 4
        let (read, write) = try OpenDescriptor.pipe()
        try await withAIOContext(configuration) { context async throws in
            try await withThrowingTaskGroup(of: AIOEvents.self) { group in
                for _ in 0..<50 { group.addTask { try await context.waitUntilReady(read.descriptor, for: .readable) } }
                #expect(await eventually { context.statistics.pending == 46 })
                #expect(context.statistics.inFlight == 4)
                #expect(try write.descriptor.writeAll([1]) == 1)
                for try await events in group { #expect(events == .readable) }
            }
        }
        withExtendedLifetime((read, write)) {}
    }

    @Test func cancelledWaitThrowsCancellationError() async throws {
        try await withPipe { context, read, _ async throws in
            let wait = Task { try await context.waitUntilReady(read.descriptor, for: .readable) }
            #expect(await eventually { context.statistics.inFlight == 1 })
            wait.cancel()
            await #expect(throws: CancellationError.self) { try await wait.value }
            #expect(context.statistics.cancelledByKernel == 1)
            #expect(context.statistics.inFlight == 0)
        }
    }

    @Test func descriptionNamesTheEvents() {
        #expect("\(AIOEvents([.readable, .hangUp]))" == "[readable, hangUp]")
        #expect("\(AIOEvents())" == "[]")
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ContextTests {
    @Test func sharedContextIsAlwaysTheSameAndTheDefault() async throws {
        let shared = try AIOContext.shared
        #expect(try AIOContext.shared === shared)
        #expect(shared.configuration.queueDepth == AIOContext.Configuration().queueDepth)
        let source = try PatternFile(size: 100)
        let file = try await AIOFile.open(source.path)
        #expect(file.context === shared)
        #expect(source.pattern.matches(try await file.readToEnd(), at: 0))
        let open = try source.open()
        #expect(try AIOFile(open.descriptor, closesOnDeinit: false).context === shared)
        try await file.close()
        try await withAIOFile(source.path) { file async throws in #expect(file.context === shared) }
    }

    @Test func sharedContextIsMadeOnceByManyTasks() async throws {
        let all = try await withThrowingTaskGroup(of: ObjectIdentifier.self) { group in
            for _ in 0..<50 { group.addTask { ObjectIdentifier(try AIOContext.shared) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(all.count == 1)
    }

    @Test func contextIsShutDownAfterItsBodyReturned() async throws {
        let context = try await withAIOContext { context async throws in
            _ = try await AIOFile.open("/dev/null", on: context)
            return context
        }
        await expectError(.shutDown) { try await AIOFile.open("/dev/null", on: context) }
        #expect(context.statistics.operations.opens == 1)
        #expect(context.statistics.inFlight == 0)
        // Further shutdowns do nothing.
        try await context.shutdown()
        try await context.shutdown(.cancel)
    }

    @Test func contextIsShutDownAfterItsBodyThrew() async throws {
        let escaped = Escape<AIOContext>()
        await #expect(throws: Failure.self) {
            try await withAIOContext { context async throws in
                escaped.value = context
                throw Failure()
            }
        }
        let context = try #require(escaped.value)
        await expectError(.shutDown) { try await AIOFile.open("/dev/null", on: context) }
    }

    @Test(arguments: Setting.onDisk)
    func everyCallAfterShutdownThrowsShutDown(setting: Setting) async throws {
        let (file, path) = try await withFixture(setting) { fixture async throws in
            (try await fixture.open(.readWrite), fixture.path)
        }
        let error = await expectError(.shutDown) { try await file.read(at: 7, count: 10) }
        #expect(error?.operation == "read")
        #expect(error?.path == path)
        #expect(error?.offset == 7 && error?.count == 10)
        #expect(error?.description.contains("make another one") == true)
        var buffer = AIOBuffer(count: 4096)
        var buffers = [buffer]
        await expectError(.shutDown) { try await file.read(at: 0, into: &buffer) }
        await expectError(.shutDown) { try await file.read(at: 0, into: &buffers) }
        await expectError(.shutDown) { try await file.read(ranges: [0..<5]) }
        await expectError(.shutDown) { try await file.readExactly(at: 0, count: 1) }
        await expectError(.shutDown) { try await file.readToEnd() }
        await expectError(.shutDown) { try await file.write(buffer, at: 0) }
        await expectError(.shutDown) { try await file.write(buffers, at: 0) }
        await expectError(.shutDown) { try await file.writeAll(buffer, at: 0) }
        await expectError(.shutDown) { try await file.synchronize() }
        await expectError(.shutDown) { try await file.size() }
        await expectError(.shutDown) { try await file.resize(to: 0) }
        await expectError(.shutDown) { try await file.preallocate(0..<5) }
        let (read, write) = try OpenDescriptor.pipe()
        await expectError(.shutDown) { try await file.context.waitUntilReady(write.descriptor, for: .writable) }
        withExtendedLifetime(read) {}
        // Closing a file works after the context's shutdown.
        try await file.close()
    }

    @Test func processCountsItsContexts() async throws {
        let created = AIOProcess.contextsCreated
        try await withAIOContext { _ in
            #expect(AIOProcess.contextsCreated > created)
            #expect(AIOProcess.liveContexts > 0)
        }
        let limits = try AIOProcess.SystemLimits.current()
        #expect(limits.maximum > 0)
        #expect(limits.available == max(0, limits.maximum - limits.inUse))
    }

    private struct Failure: Error {}
}

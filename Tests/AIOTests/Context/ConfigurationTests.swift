import AIO
import AIOKernel
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConfigurationTests {
    private func expectInvalid(_ name: String, _ change: (inout AIOContext.Configuration) -> Void) async {
        var configuration = AIOContext.Configuration()
        change(&configuration)
        let error = await expectError(.invalidArgument) { try AIOContext(configuration) }
        #expect(error?.operation == "making a context")
        #expect(error?.description.contains(name) == true, "\(error.map(\.description) ?? "")")
        let body = await expectError(.invalidArgument) { try await withAIOContext(configuration) { _ in } }
        #expect(body?.description == error?.description)
    }

    @Test(arguments: [0, -1, .min, 4_194_304, 5_000_000, .max])
    func queueDepthOutOfBoundsIsInvalid(depth: Int) async {
        await expectInvalid("queueDepth is \(depth); it must be between 1 and 4194303") { $0.queueDepth = depth }
    }

    @Test(arguments: [0, -1, .min, 1025, .max])
    func blockingThreadsOutOfBoundsIsInvalid(threads: Int) async {
        await expectInvalid("blockingThreads is \(threads)") { $0.blockingThreads = threads }
    }

    @Test func negativeMaximumPendingOrPollingIsInvalid() async {
        await expectInvalid("maximumPending is -1") { $0.maximumPending = -1 }
        await expectInvalid("maximumPending") { $0.maximumPending = .min }
        await expectInvalid("polling") { $0.polling = .nanoseconds(-1) }
        await expectInvalid("polling") { $0.polling = .seconds(Int64.min) }
    }

    @Test func defaultsAreThoseOfTheDocumentation() throws {
        let configuration = AIOContext.Configuration()
        #expect(configuration.queueDepth == 256)
        #expect(configuration.maximumPending == nil)
        #expect(configuration.blockingThreads == 16)
        #expect(configuration.polling == .zero)
        #expect(configuration.name == "aio")
        let context = try AIOContext(configuration)
        #expect(context.configuration.queueDepth == 256)
        #expect(context.configuration.name == "aio")
    }

    @Test(arguments: [1, 2, 3])
    func smallestContextsDoEverything(depth: Int) async throws {
        var configuration = AIOContext.Configuration.depth(depth)
        configuration.blockingThreads = 1
        configuration.polling = .microseconds(depth)
        configuration.name = "a name that is longer than a thread's may be"
        for setting in Setting.onDisk {
            try await withFixture(setting, configuration: configuration) { fixture async throws in
                let file = try await fixture.open(.readWrite)
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            let bytes = try await file.read(at: Int64(number) * 4001, count: 4000)
                            return bytes.count == 4000 && fixture.pattern.matches(bytes, at: Int64(number) * 4001)
                        }
                    }
                    for try await isRight in group { #expect(isRight) }
                }
                #expect(try await file.write(fixture.buffer(count: 4096), at: 0) == 4096)
                try await file.synchronize()
                #expect(fixture.context.statistics.peakInFlight <= depth + 1)
            }
        }
    }

    /// Events that one context reserves are not available to another: with 1,000 reserved, all but 999 are too many,
    /// whatever else runs on this host.
    @Test(.kernel) func moreThanTheHostAllowsIsASystemLimit() async throws {
        try await ProcessLock.aioEvents.withLock {
            let limits = try AIOProcess.SystemLimits.current()
            let tooMany = limits.maximum - 999
            guard tooMany > 1, tooMany < KernelContext.maximumCapacity else {
                print("SKIPPING a test: fs.aio-max-nr is \(limits.maximum), which no context can exceed")
                return
            }
            let holder = try KernelContext(capacity: 1000)
            let (created, rings) = (AIOProcess.contextsCreated, holder.identifier)
            var configuration = AIOContext.Configuration()
            configuration.queueDepth = tooMany - 1
            configuration.prepares = true
            let error = try #require(await expectError(.systemLimit) { try AIOContext(configuration) })
            #expect(error.errno == .resourceTemporarilyUnavailable)
            #expect(error.operation == "io_setup")
            for part in ["\(tooMany) events were asked for", "are left", "fs.aio-max-nr \(limits.maximum)"] {
                #expect(error.description.contains(part), "\(error)")
            }
            await expectError(.systemLimit) { try await withAIOContext(configuration) { _ in } }
            #expect(AIOProcess.contextsCreated >= created)
            #expect(ProcessCounters.hasRing(rings))
            try holder.destroy()
        }
    }
}

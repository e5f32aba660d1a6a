import AIO
import CAIOShims
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StatisticsTests {
    @Test func newContextHasDoneNothing() async throws {
        try await withAIOContext { context async throws in
            let statistics = context.statistics
            #expect(statistics.operations.total == 0)
            #expect(statistics.submitted == 0 && statistics.inline == 0 && statistics.completed == 0)
            #expect(statistics.failures == [:])
            #expect(statistics.latency.count == 0 && statistics.latency.mean == .zero)
            #expect(statistics.latency.quantile(0.99) == .zero)
            #expect(statistics.latency.buckets.isEmpty)
            #expect(statistics.blocksPerSubmit == 0)
        }
    }

    @Test func directOperationsAreCountedOneByOne() async throws {
        try await withFixture(.direct) { fixture async throws in
            let context = fixture.context
            let file = try await fixture.open(.readWrite)
            for index in 0..<5 { _ = try await file.read(at: Int64(index) * 4096, count: 4096) }
            for index in 0..<3 { _ = try await file.write(fixture.buffer(count: 8192), at: Int64(index) * 8192) }
            try await file.synchronize()
            try await file.synchronize(.dataOnly)
            _ = try await file.size()

            let statistics = context.statistics
            #expect(statistics.operations.reads == 5)
            #expect(statistics.operations.writes == 3)
            #expect(statistics.operations.synchronizations == 2)
            #expect(statistics.operations.opens == 1)
            #expect(statistics.operations.metadata == 1)
            #expect(statistics.operations.polls == 0)
            #expect(statistics.operations.total == 12)
            #expect(statistics.submitted == 10)
            // Opening for writing takes a blocking thread, and so does the size where fstat may wait.
            let isLocal = file.withUnsafeDescriptor { caio_is_local_file_system(caio_file_system($0.rawValue)) }
            #expect(statistics.inline == 2)
            #expect(statistics.onBlockingThread == (isLocal ? 1 : 2))
            #expect(statistics.completed == 12)
            #expect(statistics.latency.count == 12)
            #expect(statistics.bytesRead == 5 * 4096)
            #expect(statistics.bytesWritten == 3 * 8192)
            #expect(statistics.failed == 0 && statistics.failures == [:])
            #expect(statistics.inFlight == 0 && statistics.pending == 0)
            #expect(statistics.peakInFlight == 1)
            #expect(statistics.abandoned == 0 && statistics.overloaded == 0 && statistics.spuriousEvents == 0)
            // Operations that were refused as NOWAIT were submitted twice.
            #expect(statistics.submittedBlocks == 10 + statistics.noWaitRefusals)
            #expect(statistics.submitCalls >= 10)
        }
    }

    @Test func bufferedOperationsAreInline() async throws {
        try await withFixture(.buffered, size: 65536) { fixture async throws in
            try PageCache.fill(0..<fixture.size, of: fixture.source.open())
            let file = try await fixture.open(.readWrite)
            for index in 0..<5 { _ = try await file.read(at: Int64(index) * 4096, count: 4096) }
            _ = try await file.write(fixture.buffer(count: 100), at: 3)
            _ = try await file.write([fixture.buffer(count: 50), fixture.buffer(count: 50)], at: 3)
            let statistics = fixture.context.statistics
            #expect(statistics.submitted == 0 && statistics.submitCalls == 0)
            #expect(statistics.inline == 8)
            #expect(statistics.onBlockingThread == 3)
            #expect(statistics.completed == 8)
            #expect(statistics.bytesRead == 5 * 4096 && statistics.bytesWritten == 200)
            #expect(statistics.latency.count == 8)
        }
    }

    @Test(arguments: Setting.onDisk)
    func failuresAreCountedByError(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open(.writeOnly)
            for _ in 0..<3 { await expectError(.badDescriptor) { try await file.read(at: 0, count: 4096) } }
            await expectError(.notFound) { try await AIOFile.open("/missing", on: fixture.context) }
            await expectError(.fileTooLarge) { try await file.resize(to: .max) }
            let statistics = fixture.context.statistics
            #expect(statistics.failures == [.badFileDescriptor: 3, .noSuchFileOrDirectory: 1, .fileTooLarge: 1])
            #expect(statistics.failed == 5)
            #expect(statistics.completed == 6)
            #expect(statistics.submitted + statistics.inline == 6)
            #expect(statistics.bytesRead == 0)
        }
    }

    @Test(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
    func liveOperationsAreCountedAndPeaksAreKept() async throws {
        let fs = try SlowFileSystem()
        let path = try fs.addFile("data", size: 1 << 20, pattern: BytePattern(seed: 1))
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = 4
        try await withAIOContext(configuration) { context async throws in
            let file = try await AIOFile.open(path, caching: .direct, on: context)
            try fs.hold(.read)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<10 {
                    group.addTask { try await file.read(at: Int64(index) * 4096, count: 4096).count }
                }
                try await fs.waitForReads(4)
                #expect(await eventually { context.statistics.pending == 6 })
                var statistics = context.statistics
                #expect(statistics.inFlight == 4)
                #expect(statistics.submitted + statistics.inline == statistics.completed + 4)
                #expect(statistics.operations.reads == 10)
                try fs.release(.read)
                for try await count in group { #expect(count == 4096) }
                statistics = context.statistics
                #expect(statistics.inFlight == 0 && statistics.pending == 0)
                #expect(statistics.peakInFlight == 4)
                // Each is pending for a moment before it is submitted.
                #expect((6...10).contains(statistics.peakPending))
                #expect(statistics.completed == 11)
                #expect(statistics.submitted == 10)
            }
        }
    }

    @Test func sumsHoldAtEveryMomentUnderTraffic() async throws {
        try await withFixture(.direct, size: 4 << 20) { fixture async throws in
            let buffered = try await AIOFile.open(fixture.path, on: fixture.context)
            let direct = try await fixture.open()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        for step in 0..<100 {
                            let file = step % 3 == 0 ? buffered : direct
                            let offset = Int64((step * 8 + worker) % 1000) * 4096
                            let bytes = try await file.read(at: offset, count: 4096)
                            #expect(bytes.count == 4096)
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<300 {
                        let now = fixture.context.statistics
                        #expect(now.submitted + now.inline == now.completed + now.inFlight)
                        #expect(now.latency.count <= now.completed)
                        await Task.yield()
                    }
                }
                try await group.waitForAll()
            }
            #expect(fixture.context.statistics.completed == 8 * 100 + 2)
        }
    }

    @Test func latencyHasMeanQuantilesAndBuckets() async throws {
        try await withFixture(.direct) { fixture async throws in
            let file = try await fixture.open()
            for _ in 0..<50 { _ = try await file.read(at: 0, count: 4096) }
            let latency = fixture.context.statistics.latency
            #expect(latency.count == 51)
            #expect(latency.mean > .zero && latency.mean <= latency.maximum)
            #expect(latency.quantile(0.5) <= latency.quantile(0.99))
            #expect(latency.buckets.reduce(0) { $0 + $1.count } == 51)
            #expect(latency.buckets.last?.range.contains(latency.maximum) == true)
        }
    }
}

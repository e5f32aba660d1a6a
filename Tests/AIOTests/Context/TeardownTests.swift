import ForkSafeMutex
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// Teardown of a context without operations that hold it up.
@Suite struct TeardownTests {
    @Test func releasingTheLastReferenceEndsTheContext() async throws {
        let source = try PatternFile(size: 1 << 16)
        weak var engine: Engine?
        do {
            let context = try AIOContext(lifecycleConfiguration())
            engine = context.engine
            let file = try await AIOFile.open(source.path, caching: .direct, on: context)
            #expect(try await file.read(at: 0, count: 4096).count == 4096)
        }
        #expect(await eventually { engine == nil })
    }

    @Test func aFileKeepsItsContextAlive() async throws {
        let source = try PatternFile(size: 1 << 16)
        let file: AIOFile
        do {
            let context = try AIOContext(lifecycleConfiguration())
            file = try await AIOFile.open(source.path, on: context)
        }
        #expect(source.pattern.matches(try await file.read(at: 0, count: 1 << 16), at: 0))
        try await file.close()
    }

    @Test func releasingTheLastReferenceOnTheLoopsThreadEndsTheContext() async throws {
        let source = try PatternFile(size: 1 << 16)
        weak var engine: Engine?
        weak var weakContext: AIOContext?
        let executor: AIOExecutor
        let box = Mutex<AIOContext?>(nil)
        do {
            let context = try AIOContext(lifecycleConfiguration())
            (engine, weakContext, executor) = (context.engine, context, context.executor)
            box.withLock { $0 = context }
        }
        let task = Task(executorPreference: executor) {
            let context = box.withLock { $0.take() }
            guard let context else { return false }
            let wasOnLoop = context.engine.isOnLoop
            let file = try await AIOFile.open(source.path, caching: .direct, on: context)
            _ = try await file.read(at: 0, count: 4096)
            return wasOnLoop
        }
        #expect(try await task.value)
        #expect(await eventually { weakContext == nil })
        #expect(await eventually { engine.map(\.hasEnded) ?? true })
        // Jobs on its executor now run elsewhere.
        let late = Task(executorPreference: executor) { 42 }
        #expect(await late.value == 42)
    }

    @Test func everyCallAfterShutdownThrowsShutDown() async throws {
        let source = try PatternFile(size: 1 << 16)
        let context = try AIOContext(lifecycleConfiguration())
        let pipe = try OpenDescriptor.pipe()
        for caching in [AIOFile.Caching.direct, .buffered] {
            _ = try await AIOFile.open(source.path, caching: caching, on: context).read(at: 0, count: 4096)
        }
        let direct = try await AIOFile.open(source.path, .readWrite, caching: .direct, on: context)
        let buffered = try await AIOFile.open(source.path, .readWrite, on: context)
        // Now in the page cache, so that it could be read without the context.
        _ = try await buffered.read(at: 0, count: 4096)
        try await context.shutdown()
        for file in [direct, buffered] {
            var buffer = AIOBuffer(count: 4096)
            await expectError(.shutDown) { try await file.read(at: 0, count: 4096) }
            await expectError(.shutDown) { try await file.read(at: 0, into: &buffer) }
            await expectError(.shutDown) { try await file.read(ranges: [0..<4096]).count }
            await expectError(.shutDown) { try await file.write(AIOBuffer(count: 4096), at: 0) }
            await expectError(.shutDown) { try await file.synchronize() }
            await expectError(.shutDown) { try await file.size() }
            await expectError(.shutDown) { try await file.resize(to: 1) }
            await expectError(.shutDown) { try await file.preallocate(0..<4096) }
            // Closing a file needs no context.
            try await file.close()
        }
        await expectError(.shutDown) { _ = try await AIOFile.open(source.path, on: context) }
        await expectError(.shutDown) { try await context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        #expect(source.pattern.matches(try await AIOFile.open(source.path).readToEnd(), at: 0))
        // Further shutdowns of any kind do nothing.
        try await context.shutdown()
        try await context.shutdown(.cancel)
        try await context.shutdown(.drain(timeout: .zero))
        expectBalanced(context.statistics)
    }

    @Test func manyTasksCanShutAContextDownAtOnce() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try AIOContext(lifecycleConfiguration(depth: 4))
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        let bytes = try await file.read(at: Int64(number) * 4096, count: 4096)
                        #expect(source.pattern.matches(bytes, at: Int64(number) * 4096))
                    } catch let error as AIOError where error.code == .shutDown {}
                }
            }
            for number in 0..<50 {
                group.addTask(executorPreference: number % 3 == 0 ? context.executor : nil) {
                    try await context.shutdown(number % 2 == 0 ? .drain() : .cancel)
                    #expect(context.statistics.inFlight == 0)
                }
            }
            try await group.waitForAll()
        }
        try await file.close()
        expectBalanced(context.statistics)
    }

    @Test(arguments: [AIOContext.Shutdown.drain(), .drain(timeout: .seconds(20)), .cancel])
    func aTaskOnTheLoopsThreadCanShutTheContextDown(mode: AIOContext.Shutdown) async throws {
        let context = try AIOContext(lifecycleConfiguration())
        let task = Watched(on: context.executor) {
            #expect(context.engine.isOnLoop)
            try await context.shutdown(mode)
            // The loop's thread has exited; the task goes on.
            #expect(!context.engine.isOnLoop)
            for _ in 0..<10 { await Task.yield() }
        }
        try await task.value
        expectBalanced(context.statistics)
    }

    @Test func shutdownInACancelledTaskStillWaitsForTheEnd() async throws {
        let context = try AIOContext(lifecycleConfiguration())
        let engine = context.engine
        let task = Watched {
            withUnsafeCurrentTask { $0?.cancel() }
            try await context.shutdown()
            #expect(engine.hasEnded)
        }
        try await task.value
    }

    @Test func withAIOContextShutsDownAfterAReturnAndAfterAnError() async throws {
        struct Failure: Error {}
        let source = try PatternFile(size: 4096)
        let escaped = Mutex<[AIOFile]>([])
        let count = try await withAIOContext(lifecycleConfiguration()) { context in
            let file = try await AIOFile.open(source.path, on: context)
            escaped.withLock { $0.append(file) }
            return try await file.read(at: 0, count: 4096).count
        }
        #expect(count == 4096)
        await #expect(throws: Failure.self) {
            try await withAIOContext(lifecycleConfiguration()) { context in
                let file = try await AIOFile.open(source.path, on: context)
                escaped.withLock { $0.append(file) }
                throw Failure()
            }
        }
        let files = escaped.withLock { $0 }
        #expect(files.count == 2)
        for file in files { await expectError(.shutDown) { try await file.read(at: 0, count: 1) } }
    }

    @Test func allLoopsEndWithTheirContext() async throws {
        var configuration = lifecycleConfiguration()
        configuration.loops = 3
        configuration.queueDepth = 32
        configuration.name = "three"
        let context = try AIOContext(configuration)
        let pipe = try OpenDescriptor.pipe()
        let waits = (0..<24).map { _ in
            Watched { try await context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        }
        #expect(await eventually { context.statistics.inFlight == 24 })
        #expect(
            ProcessCounters.threadNames().filter { $0.hasPrefix("three-") }.sorted() == [
                "three-0", "three-1", "three-2",
            ])
        try await context.shutdown(.cancel)
        for wait in waits { await expectError(.shutDown) { try await wait.value } }
        await expectError(.shutDown) { try await context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        #expect(!ProcessCounters.threadNames().contains { $0.hasPrefix("three") })
    }
}

extension Engine {
    fileprivate var hasEnded: Bool { loops[0].core.withLock { $0.phase } == .ended }
}

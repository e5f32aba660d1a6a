import CAIOShims
import ForkSafeMutex
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// Tasks on the thread of a context's loop.
@Suite struct ExecutorTests {
    @Test func tasksRunOnTheLoopsThreadAndStayThereAcrossTheirIO() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try AIOContext(lifecycleConfiguration())
        let direct = try await AIOFile.open(source.path, caching: .direct, on: context)
        let buffered = try await AIOFile.open(source.path, on: context)
        try await withTaskExecutorPreference(context.executor) {
            let thread = currentThread()
            #expect(context.engine.isOnLoop)
            for round in 0..<20 {
                let offset = Int64(round) * 8192
                #expect(source.pattern.matches(try await direct.read(at: offset, count: 4096), at: offset))
                #expect(currentThread() == thread)
                _ = try await direct.read(ranges: [offset..<(offset + 512)])
                #expect(currentThread() == thread)
                _ = try await buffered.size()
                #expect(currentThread() == thread)
                _ = try await buffered.read(at: offset, count: 4096)
                #expect(currentThread() == thread)
            }
            async let child = currentThread()
            #expect(await child == thread)
        }
        #expect(!context.engine.isOnLoop)
        for file in [direct, buffered] { try await file.close() }
        try await context.shutdown()
    }

    /// Operations that several tasks on the loop start are submitted in few calls.
    @Test func operationsStartedInOneIterationAreSubmittedTogether() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try AIOContext(lifecycleConfiguration(depth: 64))
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        _ = try await file.read(at: 0, count: 4096)
        let before = context.statistics
        let executor = context.executor
        try await withTaskExecutorPreference(executor) {
            try await withThrowingTaskGroup { group in
                for number in 0..<32 {
                    group.addTask { _ = try await file.read(at: Int64(number) * 4096, count: 4096) }
                }
                try await group.waitForAll()
            }
        }
        let calls = context.statistics.submitCalls - before.submitCalls
        #expect(context.statistics.submittedBlocks - before.submittedBlocks >= 32)
        #expect(calls <= 16, "32 reads took \(calls) calls")
        try await file.close()
        try await context.shutdown()
    }

    @Test func jobsFromOtherThreadsRunWhetherTheLoopSleepsOrNot() async throws {
        let context = try AIOContext(lifecycleConfiguration())
        for _ in 0..<3 {
            #expect(await eventually { context.engine.loops[0].core.withLock { $0.loopSleepsWithoutLimit } })
            #expect(await Task(executorPreference: context.executor) { context.engine.isOnLoop }.value)
        }
        let count = await withTaskGroup { group in
            for number in 0..<2000 {
                group.addTask {
                    await Task(executorPreference: context.executor) { number }.value
                }
            }
            return await group.reduce(0) { sum, _ in sum + 1 }
        }
        #expect(count == 2000)
        try await context.shutdown()
    }

    /// The loop polls its ring without end, and runs jobs all the same.
    @Test func jobsFromOtherThreadsRunWhileTheLoopPolls() async throws {
        var configuration = lifecycleConfiguration()
        configuration.polling = .seconds(3600)
        let context = try AIOContext(configuration)
        for _ in 0..<50 {
            #expect(await Task(executorPreference: context.executor) { context.engine.isOnLoop }.value)
        }
        let pipe = try OpenDescriptor.pipe()
        let wait = Watched { try await context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        #expect(await eventually { context.statistics.inFlight == 1 })
        wait.cancel()
        await expectCancelled { try await wait.value }
        try await context.shutdown()
    }

    @Test func aTaskThatYieldsForEverDoesNotStarveCompletions() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try AIOContext(lifecycleConfiguration())
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let (isOver, executor) = (Switch(), context.executor)
        let yielding = Task(executorPreference: executor) {
            var count = 0
            while !isOver.isOn {
                await Task.yield()
                count += 1
            }
            return count
        }
        for round in 0..<100 {
            let onLoop = round % 2 == 0
            let read = Task(executorPreference: onLoop ? executor : nil) {
                try await file.read(at: Int64(round) * 4096, count: 4096)
            }
            #expect(source.pattern.matches(try await read.value, at: Int64(round) * 4096))
        }
        isOver.turnOn()
        #expect(await yielding.value > 0)
        try await file.close()
        try await context.shutdown()
    }

    @Test func completionsDoNotStarveJobs() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try AIOContext(lifecycleConfiguration(depth: 64))
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let (isOver, executor) = (Switch(), context.executor)
        try await withThrowingTaskGroup { group in
            for number in 0..<64 {
                group.addTask(executorPreference: executor) {
                    var offset = Int64(number) * 4096
                    while !isOver.isOn {
                        _ = try await file.read(at: offset, count: 4096)
                        offset = (offset + 4096) % (1 << 20)
                    }
                }
            }
            for number in 0..<300 {
                #expect(await Task(executorPreference: executor) { number }.value == number)
            }
            isOver.turnOn()
            try await group.waitForAll()
        }
        try await file.close()
        try await context.shutdown()
    }

    @Test func noPriorityStarvesAnother() async throws {
        let context = try AIOContext(lifecycleConfiguration())
        let (isOver, executor) = (Switch(), context.executor)
        let streams = [TaskPriority.high, .medium, .low].map { priority in
            Task(executorPreference: executor, priority: priority) {
                var yields = 0
                while !isOver.isOn {
                    await Task.yield()
                    yields += 1
                }
                return yields
            }
        }
        defer { isOver.turnOn() }
        for priority in [TaskPriority.high, .medium, .low, .background] {
            for number in 0..<50 {
                let task = Watched(on: executor, priority: priority) { number }
                try #require(await eventually { task.hasEnded }, "\(priority)")
            }
        }
        isOver.turnOn()
        for stream in streams { #expect(await stream.value > 0) }
        try await context.shutdown()
    }

    @Test func shutdownLosesNoJob() async throws {
        for round in 0..<5 {
            let context = try AIOContext(lifecycleConfiguration())
            let executor = context.executor
            let jobs = (0..<500).map { number in
                Task(executorPreference: executor) {
                    for _ in 0..<(number % 7) { await Task.yield() }
                    return number
                }
            }
            let endless = Switch()
            let yielding = Task(executorPreference: executor) {
                while !endless.isOn { await Task.yield() }
            }
            try await context.shutdown(round % 2 == 0 ? .drain() : .cancel)
            let later = (0..<100).map { number in Task(executorPreference: executor) { number } }
            for (number, job) in jobs.enumerated() { #expect(await job.value == number) }
            for (number, job) in later.enumerated() { #expect(await job.value == number) }
            endless.turnOn()
            await yielding.value
        }
    }
}

/// Identifies the current thread as long as it lives: the system reuses the number afterwards.
private func currentThread() -> UInt { UInt(pthread_self()) }

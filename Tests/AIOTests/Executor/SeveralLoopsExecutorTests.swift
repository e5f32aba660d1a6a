import ForkSafeMutex
import SystemPackage
import TestSupport
import Testing

@testable import AIO
@testable import AIOEngine

/// One executor over several loops.
@Suite struct SeveralLoopsExecutorTests {
    private func context(loops: Int = 2, name: String = "several") throws -> AIOContext {
        try AIOContext(AIOContext.Configuration(queueDepth: 64, loops: loops, name: name))
    }

    /// Computes without a suspension.
    private func compute(_ duration: Duration) {
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {}
    }

    @Test func tasksThatComputeSpreadOverTheLoops() async throws {
        let context = try context()
        let loops = try await withTaskExecutorPreference(context.executor) {
            try await withThrowingTaskGroup(of: Set<Int>.self) { group in
                // All of them are started on one loop.
                for _ in 0..<16 {
                    group.addTask {
                        var seen: Set<Int> = []
                        for _ in 0..<20 {
                            seen.insert(try #require(context.engine.currentLoop))
                            compute(.milliseconds(1))
                            await Task.yield()
                        }
                        return seen
                    }
                }
                return try await group.reduce(into: Set()) { $0.formUnion($1) }
            }
        }
        #expect(loops == [0, 1])
        try await context.shutdown()
    }

    /// The job is held until another task has gone on whose operation completes on the same loop: with one loop that would be
    /// a deadlock.
    @Test func aTaskOnACaughtLoopGoesOnElsewhere() async throws {
        let context = try context()
        for _ in 0..<20 {
            let pipe = try OpenDescriptor.pipe()
            let (waits, caught, wentOn) = (Monitor<Int?>(nil), Monitor<Int?>(nil), Monitor(false))
            let waiting = Watched(on: context.executor) {
                waits.withLock { $0 = context.engine.currentLoop }
                _ = try await context.waitUntilReady(pipe.read.descriptor, for: .readable)
                wentOn.withLock { $0 = true }
                return context.engine.currentLoop
            }
            let loop = try await waits.wait(for: "the task to wait") { $0 }
            #expect(await eventually { context.statistics.inFlight == 1 })
            // Jobs that catch the loop that the other task waits on.
            let catching = Watched(on: context.executor) {
                while context.engine.currentLoop != loop { await Task.yield() }
                caught.withLock { $0 = loop }
                try hold(until: wentOn)
            }
            _ = try await caught.wait(for: "the loop to be caught") { $0 }
            _ = try pipe.write.descriptor.writeAll([1])
            let end = try await waiting.value
            #expect(end != nil && end != loop)
            try await catching.value
        }
        try await context.shutdown()
    }

    @Test func aCancellationReachesATaskWhoseLoopIsCaught() async throws {
        let context = try context()
        let pipe = try OpenDescriptor.pipe()
        let waits = Monitor<Int?>(nil)
        let waiting = Watched(on: context.executor) {
            waits.withLock { $0 = context.engine.currentLoop }
            _ = try await context.waitUntilReady(pipe.read.descriptor, for: .readable)
        }
        let loop = try await waits.wait(for: "the task to wait") { $0 }
        #expect(await eventually { context.statistics.inFlight == 1 })
        let (caught, isOver) = (Monitor(false), Monitor(false))
        let catching = Watched(on: context.executor) {
            while context.engine.currentLoop != loop { await Task.yield() }
            caught.withLock { $0 = true }
            try hold(until: isOver)
        }
        try await caught.wait(for: "the loop to be caught") { $0 ? () : nil }
        waiting.cancel()
        await expectCancelled { try await waiting.value }
        isOver.withLock { $0 = true }
        try await catching.value
        try await context.shutdown()
    }

    /// Operations of tasks elsewhere go to a loop that is not caught.
    @Test func operationsFromElsewhereAvoidACaughtLoop() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try context()
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let (caught, isOver) = (Monitor<Int?>(nil), Monitor(false))
        let catching = Watched(on: context.executor) {
            caught.withLock { $0 = context.engine.currentLoop }
            try hold(until: isOver)
        }
        let loop = try await caught.wait(for: "a loop to be caught") { $0 }
        #expect(await eventually { context.engine.loops[loop].activity.isCaught })
        for number in 0..<200 {
            let offset = Int64(number) * 4096
            #expect(source.pattern.matches(try await file.read(at: offset, count: 4096), at: offset))
        }
        isOver.withLock { $0 = true }
        try await catching.value
        #expect(context.engine.loops[1 - loop].counters.submitted >= 200)
        try await file.close()
        try await context.shutdown()
    }

    @Test func everyJobRunsOnceAndAllBytesAreRight() async throws {
        let source = try PatternFile(size: 1 << 20)
        let context = try context(loops: 3)
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let runs = Monitor(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask(executorPreference: task % 4 == 0 ? nil : context.executor) {
                    for number in 0..<50 {
                        let offset = Int64((task * 37 + number * 11) % 255) * 4096
                        let bytes = try await file.read(at: offset, count: 4096)
                        guard source.pattern.matches(bytes, at: offset) else { throw WrongOffset(offset) }
                        if number % 16 == 0 { await Task.yield() }
                        runs.withLock { $0 += 1 }
                    }
                }
            }
            group.addTask {
                while runs.withLock({ $0 }) < 3200 {
                    let now = context.statistics
                    guard now.submitted + now.inline == now.completed + now.inFlight else { throw Unbalanced() }
                    try await Task.sleep(for: .microseconds(200))
                }
            }
            try await group.waitForAll()
        }
        #expect(context.statistics.operations.reads == 3200)
        #expect(context.engine.violation() == nil)
        try await file.close()
        try await context.shutdown(.cancel)
        expectBalanced(context.statistics)
    }

    @Test func jobsRunElsewhereAfterTheEnd() async throws {
        let context = try context(loops: 4, name: "ended")
        let executor = context.executor
        try await withTaskExecutorPreference(executor) { try await context.shutdown() }
        let sum = await withTaskGroup(of: Int.self) { group in
            for number in 0..<100 { group.addTask(executorPreference: executor) { number } }
            return await group.reduce(0, +)
        }
        #expect(sum == 4950)
        #expect(!ProcessCounters.threadNames().contains { $0.hasPrefix("ended") })
    }

    /// With nothing to do, no loop wakes up to look after the others.
    @Test func idleLoopsSleep() async throws {
        let context = try context(loops: 4)
        _ = await Task(executorPreference: context.executor) { 1 }.value
        #expect(
            await eventually {
                context.engine.loops.allSatisfy { loop in
                    loop.core.withLock { $0.loopSleepsWithoutLimit }
                } && !context.engine.watch.hasWatcher
            })
        try await context.shutdown()
    }
}

/// Blocks the thread: not `async`, as that would give it up.
private func hold(until monitor: Monitor<Bool>) throws {
    try monitor.wait(for: "a job to be let go") { $0 ? () : nil }
}

private struct WrongOffset: Error {
    let offset: Int64
    init(_ offset: Int64) { self.offset = offset }
}
private struct Unbalanced: Error {}

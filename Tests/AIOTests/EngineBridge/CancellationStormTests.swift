import AIO
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Thousands of tasks that are cancelled at random moments, beside others that are not cancelled.
@Suite struct CancellationStormTests {
    private static let tasks = 5000
    private static let fileSize = 4 << 20

    @Test(arguments: [false, true], [UInt64(1)])
    func everyTaskResumesOnceAndTheCountersAddUp(onLoop: Bool, seed: UInt64) async throws {
        let source = try PatternFile(size: Self.fileSize, seed: 31)
        let scratch = source.directory.path("scratch")
        let context = try AIOContext(lifecycleConfiguration(depth: 32, blockingThreads: 4, name: "storm"))
        let files = Files(
            direct: try await .open(source.path, caching: .direct, on: context),
            buffered: try await .open(source.path, on: context),
            scratch: try await .open(
                scratch, .readWrite, options: .create, permissions: .ownerReadWrite, caching: .direct, on: context),
            pattern: source.pattern)
        try await files.scratch.preallocate(0..<(1 << 20))
        let pipe = try OpenDescriptor.pipe()
        let results = Results()

        let executor = onLoop ? context.executor : nil
        let isOver = Switch()
        try await withThrowingTaskGroup { group in
            for worker in 0..<4 {
                group.addTask(executorPreference: executor) {
                    try await readUntil(isOver, files, seed: seed &+ UInt64(worker) &+ 1000)
                }
            }
            await storm(files, pipe.read.descriptor, executor, results, seed)
            isOver.turnOn()
            for try await count in group { #expect(count > 0) }
        }

        #expect(results.total == Self.tasks)
        #expect(results.failed == 0)
        #expect(results.cancelled > 0)
        #expect(await eventually { context.statistics.inFlight == 0 })
        let statistics = context.statistics
        expectBalanced(statistics)
        #expect(
            statistics.operations.total
                == statistics.completed + statistics.cancelledBeforeSubmission + statistics.overloaded)
        for file in [files.direct, files.buffered, files.scratch] { try await file.close() }
        try await context.shutdown()
    }

    /// Starts all tasks, and cancels each after a random number of yields.
    private func storm(
        _ files: Files, _ never: FileDescriptor, _ executor: AIOExecutor?, _ results: Results, _ seed: UInt64
    ) async {
        var random = SplitMix64(seed: seed)
        await withTaskGroup { group in
            for number in 0..<Self.tasks {
                let (choice, yields) = (random.next(), Int.random(in: 0..<40, using: &random))
                let task = Task(executorPreference: executor) {
                    await results.count { try await work(number, choice, files, never) }
                }
                group.addTask {
                    for _ in 0..<yields { await Task.yield() }
                    task.cancel()
                    await task.value
                }
                // Not all at once: some hundreds of tasks are live at any time.
                if number % 200 == 199 { await group.next() }
            }
        }
    }
}

private struct Files: Sendable {
    let direct: AIOFile
    let buffered: AIOFile
    let scratch: AIOFile
    let pattern: BytePattern
}

private struct WrongBytes: Error {}

/// Counts of how the tasks completed.
private final class Results: Sendable {
    private let counts = Mutex((done: 0, cancelled: 0, failed: 0))

    func count(_ body: () async throws -> Void) async {
        do {
            try await body()
            counts.withLock { $0.done += 1 }
        } catch is CancellationError {
            counts.withLock { $0.cancelled += 1 }
        } catch {
            Issue.record(error)
            counts.withLock { $0.failed += 1 }
        }
    }

    var total: Int { counts.withLock { $0.done + $0.cancelled + $0.failed } }
    var cancelled: Int { counts.withLock { $0.cancelled } }
    var failed: Int { counts.withLock { $0.failed } }
}

/// Does one operation of a random kind and checks the bytes that it reads.
private func work(_ number: Int, _ choice: UInt64, _ files: Files, _ never: FileDescriptor) async throws {
    let offset = Int64(choice >> 8 & 0xff) * 4096
    func check(_ bytes: AIOBuffer) throws {
        guard bytes.count == 4096, files.pattern.matches(bytes, at: offset) else { throw WrongBytes() }
    }
    switch choice % 8 {
    case 0, 1: try check(try await files.direct.read(at: offset, count: 4096))
    case 2: try check(try await files.buffered.read(at: offset, count: 4096))
    case 3:
        var buffer = AIOBuffer(count: 4096)
        _ = try await files.direct.read(at: offset, into: &buffer)
        try check(buffer)
    case 4:
        for result in try await files.direct.read(ranges: [offset..<(offset + 4096), 0..<4096]) {
            guard try result.get().count == 4096 else { throw WrongBytes() }
        }
    case 5: _ = try await files.scratch.write(AIOBuffer(count: 4096), at: offset)
    case 6: _ = try await files.scratch.size()
    default: _ = try await files.direct.context.waitUntilReady(never, for: .readable)
    }
}

/// Reads and checks every byte until `isOver` is on. Returns the number of reads.
private func readUntil(_ isOver: Switch, _ files: Files, seed: UInt64) async throws -> Int {
    var random = SplitMix64(seed: seed)
    var count = 0
    while !isOver.isOn {
        let offset = Int64(random.next() % 1000) * 4096
        let bytes = try await files.direct.read(at: offset, count: 4096)
        guard bytes.count == 4096, files.pattern.matches(bytes, at: offset) else { throw WrongBytes() }
        count += 1
    }
    return count
}

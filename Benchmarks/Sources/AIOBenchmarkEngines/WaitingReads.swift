import AIO
package import BenchmarkKit
import CSupport
import Synchronization
import SystemPackage

/// The memory of reads that wait for a permit.
///
/// First as many tasks as there will be reads wait at a gate, each with a buffer that it has touched: that is the
/// tasks' own memory. Then the gate opens, each task starts its read, and the memory is sampled again while nearly all
/// wait.
package struct WaitingReads: MemoryProbe {
    package var engine: String { LibraryEngine.Mode.executor.rawValue }

    package func measure(tasks: Int, path: String, blockSize: Int) async throws -> MemoryFigures {
        // Few permits, so that reads do not complete as fast as the tasks start them.
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = 4
        let context = try AIOContext(configuration)
        let file = try await AIOFile.open(FilePath(path), caching: .direct, on: context)
        let blocks = max(1, Int(try await file.size()) / blockSize)
        let gate = Gate()
        let empty = bench_resident_memory()
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<tasks {
                group.addTask(executorPreference: context.executor) {
                    var buffer = AIOBuffer(count: blockSize)
                    buffer[0] = 1
                    await gate.wait()
                    let offset = Int64(number % blocks * blockSize)
                    return try await file.read(at: offset, into: &buffer) == blockSize
                }
            }
            while gate.waiting < tasks { try await Task.sleep(for: .milliseconds(1)) }
            let standing = bench_resident_memory()
            let sampler = Sampler(context)
            gate.open()
            let completed = try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            let peak = sampler.stop()
            try await file.close()
            try await context.shutdown()
            let held = max(0, Double(peak.memory - standing))
            return MemoryFigures(
                engine: engine, tasks: tasks, outstanding: peak.outstanding, completed: completed,
                bytesPerOperation: peak.outstanding > 0 ? held / Double(peak.outstanding) : 0,
                bytesPerTask: Double(standing - empty) / Double(tasks))
        }
    }
}

/// Holds tasks until it opens.
private final class Gate: Sendable {
    private let continuations = Mutex<[CheckedContinuation<Void, Never>]>([])

    var waiting: Int { continuations.withLock { $0.count } }

    func wait() async {
        await withCheckedContinuation { continuation in continuations.withLock { $0.append(continuation) } }
    }

    func open() {
        let all = continuations.withLock { held in
            defer { held = [] }
            return held
        }
        for continuation in all { continuation.resume() }
    }
}

import AIO
import BenchmarkKit
import CSupport

struct LibrarySession: EngineSession {
    let mode: LibraryEngine.Mode
    let workload: Workload
    let context: AIOContext
    let file: AIOFile

    func run(_ run: Run) async throws -> Tally {
        let (file, workload) = (file, workload)
        let executors: [any TaskExecutor] = [context.executor]
        switch mode {
        case .executor, .loops2:
            let operations = try await Crew.run(workload.depth, on: executors) { _ in
                try await Self.transfer(file, workload.blockSize, run)
            }
            return Tally(operations: operations)
        case .default:
            let operations = try await Crew.run(workload.depth) { _ in
                try await Self.transfer(file, workload.blockSize, run)
            }
            return Tally(operations: operations)
        case .count:
            let operations = try await Crew.run(workload.depth, on: executors) { _ in
                try await Self.readNewBuffers(file, workload.blockSize, run)
            }
            return Tally(operations: operations)
        case .ranges:
            let operations = try await Crew.run(1, on: executors) { _ in
                try await Self.readRanges(file, workload, run)
            }
            return Tally(operations: operations)
        }
    }

    func close() async throws {
        try await file.close()
        try await context.shutdown()
    }

    /// Runs one task's part of the run, with one buffer for all of its operations.
    ///
    /// The loop is written out, as a program would write it: a closure for the operation would be one more
    /// asynchronous call in each.
    private static func transfer(_ file: AIOFile, _ blockSize: Int, _ run: Run) async throws -> Int {
        var buffer = AIOBuffer(count: blockSize)
        var done = 0
        var now = bench_now()
        while let entry = run.take(at: now) {
            let count =
                entry.writes
                ? try await file.write(buffer, at: entry.offset)
                : try await file.read(at: entry.offset, into: &buffer)
            guard count == blockSize else { throw short(count, blockSize) }
            let end = bench_now()
            run.latency.record(end &- now)
            now = end
            done += 1
        }
        return done
    }

    private static func readNewBuffers(_ file: AIOFile, _ blockSize: Int, _ run: Run) async throws -> Int {
        var done = 0
        var now = bench_now()
        while let entry = run.take(at: now) {
            let buffer = try await file.read(at: entry.offset, count: blockSize)
            guard buffer.count == blockSize else { throw short(buffer.count, blockSize) }
            let end = bench_now()
            run.latency.record(end &- now)
            now = end
            done += 1
        }
        return done
    }

    /// Reads as many ranges in one call as the workload has operations in flight. All have their result when the call
    /// returns, so the time of the call is the latency of each.
    private static func readRanges(_ file: AIOFile, _ workload: Workload, _ run: Run) async throws -> Int {
        let blockSize = Int64(workload.blockSize)
        var done = 0
        var now = bench_now()
        while true {
            var ranges: [Range<Int64>] = []
            ranges.reserveCapacity(workload.depth)
            while ranges.count < workload.depth, let entry = run.take(at: now) {
                ranges.append(entry.offset..<entry.offset + blockSize)
            }
            guard !ranges.isEmpty else { return done }
            for result in try await file.read(ranges: ranges) {
                let count = try result.get().count
                guard count == workload.blockSize else { throw short(count, workload.blockSize) }
            }
            let end = bench_now()
            for _ in ranges { run.latency.record(end - now) }
            now = end
            done += ranges.count
        }
    }

    private static func short(_ count: Int, _ blockSize: Int) -> EngineFailure {
        EngineFailure("short result: \(count) of \(blockSize) bytes")
    }
}

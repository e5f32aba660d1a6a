package import BenchmarkKit
import CSupport
import NIOCore
import SystemPackage
import _NIOFileSystem

/// NIOFileSystem's `readChunks`, in chunks as long as the workload's blocks, with its own read-ahead.
package struct NIOChunksEngine: Engine {
    package init() {}

    package var id: String { "nio-chunks" }
    package var title: String { "NIO, readChunks" }
    package var patterns: Set<Workload.Pattern> { [.read] }

    package func obstacle(to workload: Workload) -> String? {
        workload.caching == .direct ? "NIOFileSystem has no direct I/O" : nil
    }

    package func open(_ job: Job) async throws -> any EngineSession {
        try await NIOReadSession.open(job) { handle, run in
            let operations = try await Crew.run(1) { _ in try await Self.read(handle, job, run) }
            return Tally(operations: operations)
        }
    }

    private static func read(_ handle: ReadFileHandle, _ job: Job, _ run: Run) async throws -> Int {
        let blockSize = job.workload.blockSize
        var done = 0
        var now = bench_now()
        var entry = run.take(at: now)
        while let first = entry {
            let chunks = handle.readChunks(
                in: first.offset..<Int64(job.span), chunkLength: .bytes(Int64(blockSize)))
            for try await chunk in chunks {
                guard chunk.readableBytes == blockSize else {
                    throw EngineFailure("short chunk: \(chunk.readableBytes) of \(blockSize) bytes")
                }
                let end = bench_now()
                run.latency.record(end &- now)
                now = end
                done += 1
                entry = run.take(at: now)
                if entry == nil { break }
            }
        }
        return done
    }
}

/// A handle for reading, for the engines that go through a file from front to back.
struct NIOReadSession: EngineSession {
    let handle: ReadFileHandle
    let body: @Sendable (Run) async throws -> Tally

    static func open(
        _ job: Job, _ body: @escaping @Sendable (ReadFileHandle, Run) async throws -> Tally
    ) async throws -> NIOReadSession {
        let handle = try await FileSystem.shared.openFile(forReadingAt: FilePath(job.path), options: .init())
        return NIOReadSession(handle: handle) { try await body(handle, $0) }
    }

    func run(_ run: Run) async throws -> Tally { try await body(run) }

    func close() async throws { try await handle.close() }
}

import AIOBenchmarkEngines
import BenchmarkEngines
import BenchmarkKit
import Foundation
import Testing

/// Every engine on a small real file: it performs the operations of the table, and no others.
@Suite(.serialized) struct EngineTests {
    private static let blocks = 4096
    private static let span = blocks * 4096

    private func withFile(_ body: (TestFile) async throws -> Void) async throws {
        let directory = FileManager.default.currentDirectoryPath
        let file = try TestFile(in: directory, wanted: Self.span, seed: .random(in: 0...99_999)) { _ in }
        defer { file.remove() }
        try await body(file)
        #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int == Self.span)
    }

    private func job(_ pattern: Workload.Pattern, _ caching: Workload.Caching, depth: Int, _ file: TestFile) -> Job {
        Job(workload: Workload(pattern, depth: depth, caching: caching), path: file.path, span: Self.span, seed: 3)
    }

    /// The engines that use the table of offsets: all but fio's.
    private static let engines = (referenceEngines() + libraryEngines()).filter { !($0 is FioEngine) }
    private static let ids = engines.filter { $0.patterns.contains(.randread) }.map(\.id)

    private func engine(_ id: String) -> any Engine { Self.engines.first { $0.id == id }! }

    @Test(arguments: ids, [1, 7, 64])
    func readsAsManyAsTheLimitAndRecordsEach(_ id: String, _ depth: Int) async throws {
        try await withFile { file in
            let job = job(.randread, .hot, depth: depth, file)
            guard engine(id).obstacle(to: job.workload) == nil else { return }
            let session = try await engine(id).open(job)
            let latency = LatencyRecorder()
            let run = Run(job.offsets, first: 11, limit: 500, nanoseconds: 20_000_000_000, latency: latency)
            let tally = try await session.run(run)
            #expect(tally.operations == 500)
            var collection = LatencyCollection()
            latency.collect(into: &collection)
            #expect(collection.counts.reduce(0, +) == 500)
            try await session.close()
        }
    }

    @Test(arguments: ids)
    func writesTheBlocksOfTheTableAndNoOthers(_ id: String) async throws {
        try await withFile { file in
            let before = try Data(contentsOf: URL(fileURLWithPath: file.path))
            let job = job(.randwrite, .hot, depth: 8, file)
            guard engine(id).obstacle(to: job.workload) == nil else { return }
            let session = try await engine(id).open(job)
            let run = Run(
                job.offsets, first: Self.blocks - 100, limit: 300, nanoseconds: 20_000_000_000,
                latency: LatencyRecorder())
            _ = try await session.run(run)
            try await session.close()
            let after = try Data(contentsOf: URL(fileURLWithPath: file.path))
            let changed = (0..<Self.blocks).filter {
                before[$0 * 4096..<($0 + 1) * 4096] != after[$0 * 4096..<($0 + 1) * 4096]
            }
            let wanted = (0..<300).map { Int(job.offsets[Self.blocks - 100 + $0].offset) / 4096 }
            #expect(changed == wanted.sorted())
        }
    }

    @Test(arguments: ids)
    func stopsWhenTheTimeIsUp(_ id: String) async throws {
        try await withFile { file in
            let job = job(.randread, .hot, depth: 4, file)
            let session = try await engine(id).open(job)
            // Without the time limit the run would last for ever: the test is that it ends.
            let run = Run(job.offsets, first: 0, limit: .max, nanoseconds: 10_000_000, latency: LatencyRecorder())
            #expect(try await session.run(run).operations > 0)
            try await session.close()
        }
    }

    @Test(arguments: ids)
    func aMissingFileIsAFailureAndNoCrash(_ id: String) async throws {
        let job = Job(
            workload: Workload(.randread, depth: 2, caching: .hot), path: "/nonexistent/file", span: 1 << 20, seed: 1)
        await #expect(throws: (any Error).self) { _ = try await engine(id).open(job) }
    }

    @Test(arguments: ["c-batched", "c-single", "pread"])
    func aReadPastTheEndIsAFailure(_ id: String) async throws {
        try await withFile { file in
            var job = job(.read, .hot, depth: 4, file)
            job.offsets = OffsetTable(job.workload, span: Self.span * 2, seed: 1)
            let session = try await engine(id).open(job)
            let run = Run(
                job.offsets, first: Self.blocks - 2, limit: 50, nanoseconds: 20_000_000_000, latency: LatencyRecorder())
            await #expect(throws: EngineFailure.self) { _ = try await session.run(run) }
            try await session.close()
        }
    }
}

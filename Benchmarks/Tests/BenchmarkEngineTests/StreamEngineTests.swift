import AIOBenchmarkEngines
import BenchmarkEngines
import BenchmarkKit
import Foundation
import Testing

/// The engines that go through a whole file, on a small real one.
@Suite(.serialized) struct StreamEngineTests {
    private static let span = 8 << 20
    private static let engines = referenceEngines() + libraryEngines()

    private static func ids(_ pattern: Workload.Pattern) -> [String] {
        engines.filter { !$0.patterns.contains(.randread) && $0.patterns.contains(pattern) }.map(\.id)
    }

    private func run(
        _ id: String, _ pattern: Workload.Pattern, limit: Int = .max, seconds: Double = 20, first: Int = 0,
        _ check: (TestFile, Tally) throws -> Void
    ) async throws {
        let engine = try #require(Self.engines.first { $0.id == id })
        let workload = Workload(pattern, blockSize: 64 << 10, depth: 4, caching: .hot)
        try #require(engine.obstacle(to: workload) == nil)
        let file = try TestFile(
            in: FileManager.default.currentDirectoryPath, wanted: Self.span, contents: workload.contents,
            seed: .random(in: 0...99_999)
        ) { _ in }
        defer { file.remove() }
        let job = Job(workload: workload, path: file.path, span: Self.span, seed: 3)
        let session = try await engine.open(job)
        let run = Run(
            job.offsets, first: first, limit: limit, nanoseconds: UInt64(seconds * 1e9), latency: LatencyRecorder())
        let tally = try await session.run(run)
        try await session.close()
        try check(file, tally)
        #expect(!FileManager.default.fileExists(atPath: file.path + ".copy"))
    }

    @Test(arguments: ids(.read)) func chunksWrapAndEndAtTheLimit(_ id: String) async throws {
        try await run(id, .read, limit: 300, first: 100) { _, tally in #expect(tally.operations == 300) }
    }

    @Test(arguments: ids(.write)) func writerWritesTheBlocksOfTheTable(_ id: String) async throws {
        try await run(id, .write, limit: 40, first: 110) { file, tally in
            #expect(tally.operations == 40)
            let data = try Data(contentsOf: URL(fileURLWithPath: file.path))
            let zeroed = (0..<128).filter { block in data[block << 16..<(block + 1) << 16].allSatisfy { $0 == 0 } }
            #expect(zeroed == Array(0..<22) + Array(110..<128))
        }
    }

    /// All engines read the same lines: as many as the file has line ends, and all of its bytes.
    @Test(arguments: ids(.lines)) func linesAreThoseOfTheFile(_ id: String) async throws {
        // The limit is checked after each line, so that the run ends between two.
        try await run(id, .lines, limit: 1000) { file, tally in
            let data = try Data(contentsOf: URL(fileURLWithPath: file.path))
            #expect(data.last == UInt8(ascii: "\n"))
            let lines = data.split(separator: UInt8(ascii: "\n"), maxSplits: 1000, omittingEmptySubsequences: false)
            #expect(tally.operations == 1000)
            #expect(tally.bytes == lines.prefix(1000).reduce(0) { $0 + $1.count + 1 })
            #expect(String(bytes: data, encoding: .utf8) != nil)
        }
    }

    @Test(arguments: ids(.copy)) func copiesAreWholeAndGoneAfterwards(_ id: String) async throws {
        try await run(id, .copy, limit: 128) { _, tally in
            #expect(tally.operations == 128)
            #expect((tally.elapsedNanoseconds ?? 0) > 0)
        }
    }

    @Test(arguments: ids(.copy)) func theCountingPassCopiesNothing(_ id: String) async throws {
        try await run(id, .copy, seconds: 0.02) { _, tally in #expect(tally.operations == 0) }
    }
}

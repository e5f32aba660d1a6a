import AIO
import SystemPackage
import TestSupport
import Testing

/// Reads are held by the file system, so that the queue is as full as the test wants it.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct OverloadTests {
    private let fs: SlowFileSystem
    private let pattern = BytePattern(seed: 5)
    private let path: FilePath

    init() throws {
        fs = try SlowFileSystem()
        path = try fs.addFile("data", size: 1 << 20, pattern: pattern)
    }

    private func configuration(_ change: (inout AIOContext.Configuration) -> Void) -> AIOContext.Configuration {
        var configuration = AIOContext.Configuration()
        change(&configuration)
        return configuration
    }

    @Test(arguments: [0, 1, 3])
    func oneMoreThanMaximumPendingIsOverloaded(pending: Int) async throws {
        let configuration = configuration {
            $0.queueDepth = 2
            $0.maximumPending = pending
        }
        try await withAIOContext(configuration) { context async throws in
            let file = try await AIOFile.open(path, caching: .direct, on: context)
            try fs.hold(.read)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for place in 0..<2 + pending {
                    group.addTask { try await isRight(file, at: Int64(place) * 4096) }
                    // In this order: into the kernel first, then into the queue.
                    if place < 2 {
                        try await fs.waitForReads(place + 1)
                    } else {
                        #expect(await eventually { context.statistics.pending == place - 1 })
                    }
                }
                let error = await expectError(.overloaded) { try await file.read(at: 4096, count: 100) }
                #expect(error?.operation == "read")
                #expect(error?.path == path)
                #expect(error?.offset == 4096)
                #expect(error?.count == 100)
                #expect(error?.description.contains("maximumPending") == true)
                #expect(context.statistics.overloaded == 1)
                #expect(context.statistics.pending == pending)
                try fs.release(.read)
                for try await isRight in group { #expect(isRight) }
            }
            // There is room again.
            #expect(try await isRight(file, at: 0))
            #expect(context.statistics.peakPending <= max(1, pending))
        }
    }

    @Test func laneOverloadsAsTheQueueDoes() async throws {
        let configuration = configuration {
            $0.blockingThreads = 1
            $0.maximumPending = 2
        }
        try await withAIOContext(configuration) { context async throws in
            let file = try await AIOFile.open(path, on: context)
            try fs.hold(.read)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for place in 0..<3 {
                    group.addTask { try await isRight(file, at: Int64(place) * 131_072) }
                    if place == 0 {
                        try await fs.waitForReads(1)
                    } else {
                        #expect(await eventually { context.statistics.pending == place })
                    }
                }
                await expectError(.overloaded) { try await file.read(at: 0, count: 100) }
                // A range fails alone.
                let ranges = try await file.read(ranges: [0..<10])
                await expectError(.overloaded) { try ranges[0].get() }
                #expect(context.statistics.overloaded == 2)
                try fs.release(.read)
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    private func isRight(_ file: AIOFile, at offset: Int64) async throws -> Bool {
        let bytes = try await file.read(at: offset, count: 4096)
        return bytes.count == 4096 && pattern.matches(bytes, at: offset)
    }
}

import AIO
import SystemPackage
import TestSupport
import Testing

/// The file system holds the reads, so that the queue is as full as the test wants it.
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
                for index in 0..<2 + pending {
                    group.addTask { try await isRight(file, at: Int64(index) * 4096) }
                    // One after the other: the first go to the kernel, the rest to the queue.
                    if index < 2 {
                        try await fs.waitForReads(index + 1)
                    } else {
                        #expect(await eventually { context.statistics.pending == index - 1 })
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

    @Test func blockingPoolOverloadsAsTheQueueDoes() async throws {
        let configuration = configuration {
            $0.blockingThreads = 1
            $0.maximumPending = 2
        }
        try await withAIOContext(configuration) { context async throws in
            let file = try await AIOFile.open(path, on: context)
            try fs.hold(.read)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<3 {
                    group.addTask { try await isRight(file, at: Int64(index) * 131_072) }
                    if index == 0 {
                        try await fs.waitForReads(1)
                    } else {
                        #expect(await eventually { context.statistics.pending == index })
                    }
                }
                await expectError(.overloaded) { try await file.read(at: 0, count: 100) }
                // The error is that of the range, not of the call.
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

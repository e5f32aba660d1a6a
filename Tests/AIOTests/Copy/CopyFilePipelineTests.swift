import AIO
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// How copies proceed: several chunks at once, and through memory where the kernel does not copy.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct CopyFilePipelineTests {
    private let fs: SlowFileSystem
    private let directory: TemporaryDirectory
    private let pattern = BytePattern(seed: 49)

    init() throws {
        fs = try SlowFileSystem()
        directory = try .onDisk()
    }

    private func expectPattern(_ path: FilePath, _ size: Int) throws {
        let bytes = try contents(of: path)
        #expect(bytes.count == size)
        let isRight = pattern.matches(bytes, at: 0)
        #expect(isRight)
    }

    @Test(arguments: [1, 3, 7]) func asManyChunksAreInFlightAsConfigured(inFlight: Int) async throws {
        let from = try fs.addFile("source", size: 1 << 20, pattern: pattern)
        let to = directory.path("copy")
        try await withAIOContext { context async throws in
            try fs.hold(.read)
            async let copy = copyFile(from: from, to: to, chunkLength: 65536, inFlight: inFlight, on: context)
            #expect(await eventually { context.statistics.inFlight == inFlight })
            try fs.release(.read)
            #expect(try await copy == 1 << 20)
            #expect(context.statistics.peakInFlight == inFlight)
            #expect(context.statistics.peakPending <= inFlight)
        }
        try expectPattern(to, 1 << 20)
    }

    /// Chunks of several pieces, and short writes.
    @Test(arguments: [1 << 20, 3_000_000, 8 << 20]) func chunksCopiedThroughMemoryKeepTheirOffsets(
        chunkLength: Int
    ) async throws {
        let (from, to) = (directory.path("source"), fs.path("copy"))
        try PatternFile.write(pattern, size: 7_000_001, to: from)
        try fs.shorten(.write, to: 4096, times: 20)
        let most = Mutex<Int64>(0)
        try await withAIOContext { context async throws in
            let size = try await copyFile(from: from, to: to, chunkLength: chunkLength, inFlight: 2, on: context) {
                done, _ in most.withLock { $0 = done }
            }
            #expect(size == 7_000_001)
        }
        #expect(most.withLock { $0 } == 7_000_001)
        try expectPattern(fs.backing.appending("copy"), 7_000_001)
    }

    /// Another file has been renamed over the copy: a cancelled copy must not remove that file.
    @Test func aFileRenamedOverTheCopyIsNotRemoved() async throws {
        let (from, to, other) = (directory.path("source"), directory.path("copy"), directory.path("other"))
        try PatternFile.write(pattern, size: 1 << 20, to: from)
        try PatternFile.write(pattern, size: 777, to: other)
        try await withAIOContext { context async throws in
            let copy = Task {
                try await copyFile(from: from, to: to, chunkLength: 65536, inFlight: 1, on: context) { done, _ in
                    guard done == 65536 else { return }
                    #expect(rename(other.string, to.string) == 0)
                    withUnsafeCurrentTask { $0?.cancel() }
                }
            }
            await #expect(throws: CancellationError.self) { try await copy.value }
        }
        try expectPattern(to, 777)
    }

    /// The error reports how many bytes were copied, also for copies through memory.
    @Test func errorInTheMiddleReportsTheBytesCopied() async throws {
        let (from, to) = (directory.path("source"), fs.path("copy"))
        try PatternFile.write(pattern, size: 1 << 20, to: from)
        try await withAIOContext { context async throws in
            let reported = Mutex<Int64>(0)
            let error = await expectError(.noSpace) {
                try await copyFile(from: from, to: to, chunkLength: 65536, inFlight: 1, on: context) { done, _ in
                    reported.withLock { $0 = done }
                    if done == 196_608 {
                        #expect(throws: Never.self) { try fs.fail(.write, with: .noSpace, times: 1000) }
                    }
                }
            }
            #expect(error?.offset == 196_608)
            #expect(error?.count == 65536)
            #expect(error?.path == to)
            #expect(error?.advice.hasSuffix("196608 of 1048576 bytes had been copied") == true)
            #expect(reported.withLock { $0 } == 196_608)
        }
        #expect(!FileManager.default.fileExists(atPath: fs.backing.appending("copy").string))
    }
}

import AIO
import Foundation
import SystemPackage
import TestSupport
import Testing

/// Copies that are cancelled or fail midway.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct CopyFileInterruptedTests {
    private let fs: SlowFileSystem
    private let source: FilePath
    private let directory: TemporaryDirectory
    private let pattern = BytePattern(seed: 43)

    init() throws {
        fs = try SlowFileSystem()
        directory = try .onDisk()
        source = directory.path("source")
        try PatternFile.write(pattern, size: 1 << 20, to: source)
    }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: fs.backing.appending(name).string)
    }

    @Test func cancelledCopyWaitsForItsWritesAndRemovesTheFileItCreated() async throws {
        try PatternFile.write(pattern, size: 10, to: fs.backing.appending("kept"))
        for (name, remains) in [("new", false), ("kept", true)] {
            try await withAIOContext { context async throws in
                try fs.hold(.write)
                let copy = Task {
                    try await copyFile(from: source, to: fs.path(name), chunkLength: 65536, inFlight: 2, on: context)
                }
                // Several chunks may be in flight, but the file system receives one write to a file at a time.
                try await fs.wait(for: .write, 1)
                #expect(exists(name))
                copy.cancel()
                try fs.release(.write)
                await #expect(throws: CancellationError.self) { try await copy.value }
                #expect(exists(name) == remains)
            }
        }
    }

    @Test func copyInACancelledTaskCreatesNoFile() async throws {
        try await withAIOContext { context async throws in
            let copy = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await copyFile(from: source, to: fs.path("none"), on: context)
            }
            await #expect(throws: CancellationError.self) { try await copy.value }
        }
        #expect(!exists("none"))
    }

    /// Network file systems report a failed write when the file is closed.
    @Test func errorOfCloseRemovesTheCopy() async throws {
        try PatternFile.write(pattern, size: 10, to: fs.backing.appending("kept"))
        try await withAIOContext { context async throws in
            // Many times, as a child process that another test forks closes its copy of the descriptor, too.
            try fs.fail(.flush, with: .ioError, times: 1000)
            for (name, remains) in [("new", false), ("kept", true)] {
                let error = await expectError(.inputOutput) {
                    try await copyFile(from: source, to: fs.path(name), on: context)
                }
                #expect(error?.path == fs.path(name))
                #expect(exists(name) == remains)
            }
        }
    }

    @Test func errorOfTheSourceRemovesTheCopyAndReportsTheBytesCopied() async throws {
        _ = try fs.addFile("bad", size: 1 << 20, pattern: pattern)
        try fs.fail(.read, with: .ioError, times: 100)
        let to = directory.path("copy")
        try await withAIOContext { context async throws in
            let error = await expectError(.inputOutput) {
                try await copyFile(from: fs.path("bad"), to: to, chunkLength: 65536, on: context)
            }
            #expect(error?.path == fs.path("bad"))
            #expect(error?.advice.hasSuffix("of 1048576 bytes had been copied") == true)
        }
        #expect(!FileManager.default.fileExists(atPath: to.string))
    }
}

import AIO
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CopyFileTests {
    private let directory: TemporaryDirectory
    private let pattern = BytePattern(seed: 41)

    init() throws { directory = try .onDisk() }

    private func source(_ size: Int) throws -> FilePath {
        let path = directory.path("source-\(size)")
        try PatternFile.write(pattern, size: size, to: path)
        return path
    }

    private func mode(_ path: FilePath) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int)
    }

    private func exists(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 8191, 8192, 12288, 100_000])
    func copyHasTheBytesTheSizeAndTheMode(size: Int) async throws {
        let (from, to) = (try source(size), directory.path("copy"))
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: from.string)
        let calls = Mutex<[(Int64, Int64)]>([])
        try await withAIOContext { context async throws in
            for (chunkLength, inFlight) in [(4096, 1), (4096, 3), (1 << 20, 8), (1000, 8)] {
                calls.withLock { $0 = [] }
                let copied = try await copyFile(
                    from: from, to: to, chunkLength: chunkLength, inFlight: inFlight, on: context
                ) { done, total in calls.withLock { $0.append((done, total)) } }
                #expect(copied == Int64(size))
                let bytes = try contents(of: to)
                #expect(bytes.count == size)
                #expect(pattern.matches(bytes, at: 0))
                #expect(try mode(to) == 0o640)
                let told = calls.withLock { $0 }
                #expect(told.map(\.0) == told.map(\.0).sorted())
                #expect(told.allSatisfy { $0.1 == size })
                #expect(told.last?.0 == Int64(size))
                #expect(told.filter { $0.0 == size }.count == 1)
                #expect(told.count <= max(1, (size + chunkLength - 1) / chunkLength))
            }
        }
    }

    @Test func longerDestinationIsReplacedAndKeepsItsOtherNames() async throws {
        let (from, to, other) = (try source(5000), directory.path("old"), directory.path("other"))
        try PatternFile.write(BytePattern(seed: 1), size: 60_000, to: to)
        try FileManager.default.linkItem(atPath: to.string, toPath: other.string)
        try await withAIOContext { context async throws in
            #expect(try await copyFile(from: from, to: to, on: context) == 5000)
        }
        #expect(pattern.matches(try contents(of: other), at: 0))
        #expect(try contents(of: other).count == 5000)
    }

    @Test(arguments: [0, 1, 2, 3] as [UInt64]) func holesStayHoles(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let (from, to) = (directory.path("sparse"), directory.path("copy"))
        let blocks = 64
        let size = blocks * 65536 + Int.random(in: 0..<65536, using: &random)
        let file = try OpenDescriptor(from, .readWrite, options: .create)
        try file.descriptor.resize(to: Int64(size))
        for block in 0..<blocks where UInt8.random(in: 0...255, using: &random) < 64 * UInt8(seed) {
            _ = try file.descriptor.writeAll(
                toAbsoluteOffset: Int64(block) * 65536, pattern.bytes(at: Int64(block) * 65536, count: 65536))
        }
        try await withAIOContext { context async throws in
            #expect(try await copyFile(from: from, to: to, chunkLength: 100_000, on: context) == Int64(size))
        }
        #expect(try contents(of: to) == contents(of: from))
        #expect(try allocated(to) <= allocated(from) + 65536)
        // A copy with all the zeros written would have.
        if seed == 0 { #expect(try allocated(to) < 65536) }
    }

    private func allocated(_ path: FilePath) throws -> Int {
        let url = URL(fileURLWithPath: path.string)
        return try #require(try url.resourceValues(forKeys: [.fileAllocatedSizeKey]).fileAllocatedSize)
    }

    @Test func fileThatSaysItIsEmptyIsReadToItsEnd() async throws {
        let to = directory.path("version")
        try await withAIOContext { context async throws in
            let count = try await copyFile(from: "/proc/version", to: to, on: context)
            #expect(count > 10)
            #expect(try contents(of: to) == contentsOfProc("/proc/version"))
        }
    }

    private func contentsOfProc(_ path: String) throws -> [UInt8] {
        [UInt8](try #require(FileManager.default.contents(atPath: path)))
    }

    @Test func whatCannotBeCopiedIsRefusedAndLeavesNothing() async throws {
        let (from, to) = (try source(1000), directory.path("refused"))
        try await withAIOContext { context async throws in
            await expectError(.notFound) { try await copyFile(from: "/no/such", to: to, on: context) }
            await expectError(.isDirectory) { try await copyFile(from: directory.path, to: to, on: context) }
            await expectError(.isDirectory) { try await copyFile(from: from, to: directory.path, on: context) }
            await expectError(.notFound) { try await copyFile(from: from, to: "/no/such/file", on: context) }
            await expectError(.unsupported) { try await copyFile(from: "/dev/zero", to: to, on: context) }
            await expectError(.unsupported) { try await copyFile(from: from, to: "/dev/null", on: context) }
            for (chunkLength, inFlight) in [(0, 8), (-1, 8), (.max, 8), (4096, 0), (4096, -1), (4096, .max)] {
                await expectError(.invalidArgument) {
                    try await copyFile(from: from, to: to, chunkLength: chunkLength, inFlight: inFlight, on: context)
                }
            }
            await expectError(.invalidArgument) { try await copyFile(from: from, to: from, on: context) }
        }
        #expect(!exists(to))
        #expect(try contents(of: from).count == 1000)
    }

    @Test(.enabled(if: Requirement.loopDevices.isMet, "\(Requirement.loopDevices)"))
    func fullFileSystemIsToldWithHowFarItGotAndThePartIsRemoved() async throws {
        let image = try Ext4Image(size: 8 << 20)
        let (from, to) = (try source(16 << 20), image.path.appending("copy"))
        let kept = image.path.appending("kept")
        try PatternFile.write(pattern, size: 100, to: kept)
        let most = Mutex<Int64>(0)
        try await withAIOContext { context async throws in
            for destination in [to, kept] {
                most.withLock { $0 = 0 }
                let error = await expectError(.noSpace) {
                    try await copyFile(from: from, to: destination, chunkLength: 1 << 18, on: context) { done, _ in
                        most.withLock { $0 = done }
                    }
                }
                #expect(error?.path == destination)
                #expect(error?.errno == .noSpace)
                let told = error?.advice.split(separator: " ").compactMap { Int64($0) } ?? []
                #expect(told.count == 2)
                #expect(told.last == 16 << 20)
                #expect((most.withLock { $0 }..<(8 << 20)).contains(told.first ?? -1))
                #expect(most.withLock { $0 } > 0)
            }
        }
        #expect(!exists(to))
        // What was there before is not the copy's to remove.
        #expect(exists(kept))
    }
}

/// Copies in the middle of which something happens.
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

    @Test func cancelledCopyWaitsForItsWritesAndRemovesWhatItMade() async throws {
        try PatternFile.write(pattern, size: 10, to: fs.backing.appending("kept"))
        for (name, remains) in [("new", false), ("kept", true)] {
            try await withAIOContext { context async throws in
                try fs.hold(.write)
                let copy = Task {
                    try await copyFile(from: source, to: fs.path(name), chunkLength: 65536, inFlight: 2, on: context)
                }
                // More than one chunk may be under way, and yet the file takes one write at a time.
                try await fs.wait(for: .write, 1)
                #expect(exists(name))
                copy.cancel()
                try fs.release(.write)
                await #expect(throws: CancellationError.self) { try await copy.value }
                #expect(exists(name) == remains)
            }
        }
    }

    @Test func copyThatWasCancelledBeforeMakesNothing() async throws {
        try await withAIOContext { context async throws in
            let copy = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await copyFile(from: source, to: fs.path("none"), on: context)
            }
            await #expect(throws: CancellationError.self) { try await copy.value }
        }
        #expect(!exists("none"))
    }

    /// Network file systems tell of a write that failed when the file is closed.
    @Test func errorOfTheClosingRemovesTheCopy() async throws {
        try PatternFile.write(pattern, size: 10, to: fs.backing.appending("kept"))
        try await withAIOContext { context async throws in
            // Not once: a child process that another test forks closes its copy of the descriptor, too.
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

    @Test func errorOfTheSourceRemovesTheCopyAndSaysWhere() async throws {
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

import AIO
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Copies of sources that change meanwhile or are not plain files.
@Suite(.timeLimit(.minutes(5))) struct CopyFileSourceTests {
    private let directory: TemporaryDirectory
    private let pattern = BytePattern(seed: 47)

    init() throws { directory = try .onDisk() }

    /// Copies, and calls `body` when the progress callback first reports `bytes` or more.
    private func copy(
        from: FilePath, to: FilePath, after bytes: Int64, _ body: @escaping @Sendable () -> Void
    ) async throws -> (size: Int64, reported: [Int64]) {
        let reported = Mutex<[Int64]>([])
        let size = try await withAIOContext { context async throws in
            try await copyFile(from: from, to: to, chunkLength: 65536, inFlight: 1, on: context) { done, _ in
                let isFirst = reported.withLock { reported in
                    reported.append(done)
                    return done >= bytes && (reported.dropLast().last ?? -1) < bytes
                }
                if isFirst { body() }
            }
        }
        return (size, reported.withLock { $0 })
    }

    private func resize(_ path: FilePath, to size: Int64) {
        #expect(throws: Never.self) {
            let file = try OpenDescriptor(path, .readWrite)
            try file.descriptor.resize(to: size)
            withExtendedLifetime(file) {}
        }
    }

    @Test(arguments: [0, 1, 100_000, 131_072, 196_608, 250_000, 400_000] as [Int64])
    func sourceThatIsTruncatedMeanwhileMakesAShorterCopy(length: Int64) async throws {
        let (from, to) = (directory.path("source"), directory.path("copy"))
        try PatternFile.write(pattern, size: 500_000, to: from)
        let (size, reported) = try await copy(from: from, to: to, after: 196_608) { resize(from, to: length) }
        #expect(size == length)
        let bytes = try contents(of: to)
        #expect(bytes.count == length)
        let isRight = pattern.matches(bytes, at: 0)
        #expect(isRight)
        #expect(reported == reported.sorted(), "\(reported)")
    }

    /// The new end is in a hole, so that no chunk is short.
    @Test(arguments: [65536, 66_000, 1 << 20] as [Int64])
    func sourceThatIsTruncatedInAHoleMakesAShorterCopy(length: Int64) async throws {
        let (from, to) = (directory.path("sparse"), directory.path("copy"))
        try PatternFile.write(pattern, size: 131_072, to: from)
        resize(from, to: 65536)
        resize(from, to: 4 << 20)
        let (size, reported) = try await copy(from: from, to: to, after: 65536) { resize(from, to: length) }
        #expect(size == length)
        let bytes = try contents(of: to)
        #expect(bytes.count == length)
        let isRight = pattern.matches(bytes[..<65536], at: 0)
        #expect(isRight)
        let isHole = bytes[65536...].isAll(0)
        #expect(isHole)
        #expect(reported == reported.sorted(), "\(reported)")
    }

    @Test func bytesAddedMeanwhileAreNotCopied() async throws {
        let (from, to) = (directory.path("source"), directory.path("copy"))
        try PatternFile.write(pattern, size: 300_000, to: from)
        let (size, reported) = try await copy(from: from, to: to, after: 65536) { resize(from, to: 900_000) }
        #expect(size == 300_000)
        #expect(reported == [65536, 131_072, 196_608, 262_144, 300_000])
        let bytes = try contents(of: to)
        #expect(bytes.count == 300_000)
        let isRight = pattern.matches(bytes, at: 0)
        #expect(isRight)
    }

    /// The file's size is a page, but it reads as a line.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/sys/kernel/mm/transparent_hugepage/enabled")))
    func fileThatIsShorterThanItsSizeIsCopiedToItsEnd() async throws {
        let (from, to) = (FilePath("/sys/kernel/mm/transparent_hugepage/enabled"), directory.path("copy"))
        let expected = try #require(FileManager.default.contents(atPath: from.string))
        let reported = Mutex<[Int64]>([])
        try await withAIOContext { context async throws in
            for chunkLength in [7, 1000, 1 << 20] {
                reported.withLock { $0 = [] }
                let size = try await copyFile(from: from, to: to, chunkLength: chunkLength, inFlight: 2, on: context) {
                    done, _ in reported.withLock { $0.append(done) }
                }
                #expect(size == expected.count)
                #expect(try contents(of: to) == [UInt8](expected))
                let reported = reported.withLock { $0 }
                #expect(reported == reported.sorted(), "\(reported)")
            }
        }
    }

    @Test(.enabled(if: Requirement.sharedMemory.isMet, "\(Requirement.sharedMemory)"))
    func copyBetweenFileSystemsHasBytesAndHoles() async throws {
        let memory = try TemporaryDirectory.inMemory()
        let (from, there, back) = (directory.path("source"), memory.path("there"), directory.path("back"))
        // Data, a hole, data, a hole.
        try PatternFile.write(pattern, size: 200_000, to: from)
        resize(from, to: 24 << 20)
        let tail = pattern.bytes(at: 24 << 20, count: 100_000)
        let file = try OpenDescriptor(from, .readWrite)
        _ = try file.descriptor.writeAll(toAbsoluteOffset: 24 << 20, tail)
        withExtendedLifetime(file) {}
        resize(from, to: 50_000_001)
        try await withAIOContext { context async throws in
            #expect(try await copyFile(from: from, to: there, chunkLength: 50_000, on: context) == 50_000_001)
            #expect(try await copyFile(from: there, to: back, chunkLength: 50_000, on: context) == 50_000_001)
        }
        for copy in [there, back] {
            let isSame = try contents(of: copy) == contents(of: from)
            #expect(isSame)
            let allocated = try URL(fileURLWithPath: copy.string).resourceValues(forKeys: [.fileAllocatedSizeKey])
            // tmpfs takes a few MiB at a time where it has large folios.
            #expect(try #require(allocated.fileAllocatedSize) < 12 << 20)
        }
    }

    @Test func linksAreFollowedAndNeverToTheSourceItself() async throws {
        let (from, to) = (directory.path("source"), directory.path("copy"))
        try PatternFile.write(pattern, size: 5000, to: from)
        try PatternFile.write(BytePattern(seed: 1), size: 9000, to: to)
        let manager = FileManager.default
        for (name, target) in [("to-source", "source"), ("to-copy", "copy"), ("to-nothing", "nothing")] {
            try manager.createSymbolicLink(atPath: directory.path(name).string, withDestinationPath: target)
        }
        try manager.linkItem(atPath: from.string, toPath: directory.path("hard").string)
        try await withAIOContext { context async throws in
            for same in ["to-source", "hard"] {
                let error = await expectError(.invalidArgument) {
                    try await copyFile(from: from, to: directory.path(same), on: context)
                }
                #expect(error?.description.contains("same file") == true)
            }
            let bytes = try contents(of: from)
            let isRight = bytes.count == 5000 && pattern.matches(bytes, at: 0)
            #expect(isRight)
            await expectError(.notFound) {
                try await copyFile(from: from, to: directory.path("to-nothing"), on: context)
            }
            #expect(!manager.fileExists(atPath: directory.path("nothing").string))
            let size = try await copyFile(
                from: directory.path("to-source"), to: directory.path("to-copy"), on: context)
            #expect(size == 5000)
        }
        let isSame = try contents(of: to) == contents(of: from)
        #expect(isSame)
        #expect(try manager.destinationOfSymbolicLink(atPath: directory.path("to-copy").string) == "copy")
    }

    @Test func fifosAreRefusedAtOnceAsSourceAndDestination() async throws {
        let (from, fifo, to) = (directory.path("source"), directory.path("fifo"), directory.path("copy"))
        try PatternFile.write(pattern, size: 5000, to: from)
        #expect(mkfifo(fifo.string, 0o600) == 0)
        try await withAIOContext { context async throws in
            await expectError(.unsupported) { try await copyFile(from: fifo, to: to, on: context) }
            await expectError(.unsupported) { try await copyFile(from: from, to: fifo, on: context) }
            // Also when the FIFO has a reader.
            let reader = try OpenDescriptor(fifo, .readOnly, options: .nonBlocking)
            await expectError(.unsupported) { try await copyFile(from: from, to: fifo, on: context) }
            withExtendedLifetime(reader) {}
        }
        #expect(!FileManager.default.fileExists(atPath: to.string))
        #expect(FileManager.default.fileExists(atPath: fifo.string))
    }

    @Test(arguments: [0o777, 0o400, 0o000, 0o4755])
    func modeIsThatOfTheSourceAndPrivateUntilThen(mode: Int) async throws {
        let (from, to) = (directory.path("source"), directory.path("copy"))
        try PatternFile.write(pattern, size: 300_000, to: from)
        #expect(chmod(from.string, mode_t(mode)) == 0)
        @Sendable func modeOfCopy() -> Int {
            let attributes = try? FileManager.default.attributesOfItem(atPath: to.string)
            return attributes?[.posixPermissions] as? Int ?? -1
        }
        let modes = Mutex<[Int]>([])
        // Only root can read a file without read permission.
        guard geteuid() == 0 || mode & 0o400 != 0 else { return }
        _ = try await copy(from: from, to: to, after: 0) { modes.withLock { $0.append(modeOfCopy()) } }
        #expect(modes.withLock { $0 } == [0o600])
        #expect(modeOfCopy() == mode & 0o777)
        // The same when it overwrites the copy.
        #expect(chmod(to.string, 0o644) == 0)
        _ = try await copy(from: from, to: to, after: 0) {}
        #expect(modeOfCopy() == mode & 0o777)
    }

    @Test func copyLeavesNoDescriptorOpen() async throws {
        let (from, to) = (directory.path("source"), directory.path("copy"))
        try PatternFile.write(pattern, size: 5000, to: from)
        try await withAIOContext { context async throws in
            for _ in 0..<50 {
                _ = try await copyFile(from: from, to: to, on: context)
                #expect(!ProcessCounters.isOpen(from))
                #expect(!ProcessCounters.isOpen(to))
                _ = try? await copyFile(from: from, to: directory.path, on: context)
                #expect(!ProcessCounters.isOpen(from))
            }
        }
    }
}

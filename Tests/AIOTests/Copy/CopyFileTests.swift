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
                let reported = calls.withLock { $0 }
                #expect(reported.map(\.0) == reported.map(\.0).sorted())
                #expect(reported.allSatisfy { $0.1 == size })
                #expect(reported.last?.0 == Int64(size))
                #expect(reported.filter { $0.0 == size }.count == 1)
                #expect(reported.count <= max(1, (size + chunkLength - 1) / chunkLength))
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
        // A copy with all the zeros written would have more.
        if seed == 0 { #expect(try allocated(to) < 65536) }
    }

    private func allocated(_ path: FilePath) throws -> Int {
        let url = URL(fileURLWithPath: path.string)
        return try #require(try url.resourceValues(forKeys: [.fileAllocatedSizeKey]).fileAllocatedSize)
    }

    @Test func fileWithASizeOfZeroIsReadToItsEnd() async throws {
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

    @Test func whatCannotBeCopiedIsRefusedAndLeavesNoFile() async throws {
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
    func fullFileSystemReportsTheBytesCopiedAndRemovesTheCopy() async throws {
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
                let reported = error?.advice.split(separator: " ").compactMap { Int64($0) } ?? []
                #expect(reported.count == 2)
                #expect(reported.last == 16 << 20)
                #expect((most.withLock { $0 }..<(8 << 20)).contains(reported.first ?? -1))
                #expect(most.withLock { $0 } > 0)
            }
        }
        #expect(!exists(to))
        // A destination that existed before is not removed.
        #expect(exists(kept))
    }
}

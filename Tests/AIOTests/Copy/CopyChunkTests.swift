import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite struct CopyChunkTests {
    /// The kernel copies up to the end of the source and returns a short count; then the thread reads on itself.
    @Test(arguments: [false, true]) func chunkPastTheEndOfTheSourceCopiesUpToTheEnd(isInMemory: Bool) throws {
        guard !isInMemory || Requirement.sharedMemory.isMet else { return }
        let source = try PatternFile(size: 6000, seed: 63)
        let directory = try isInMemory ? TemporaryDirectory.inMemory() : .onDisk()
        for range in [0..<10_000, 1000..<10_000, 5999..<6001, 6000..<7000, 8000..<9000] as [Range<Int64>] {
            let path = directory.path("\(range.lowerBound)")
            let (from, to) = (try source.open(), try OpenDescriptor(path, .readWrite, options: .create))
            let copied = CopiedBytes()
            let chunk = CopyChunk(
                from: from.descriptor.rawValue, to: to.descriptor.rawValue, range: range, copied: copied)
            let expected = max(0, 6000 - Int(range.lowerBound))
            #expect(chunk.run() == expected)
            #expect(copied.count.load(ordering: .relaxed) == Int64(expected))
            withExtendedLifetime((from, to)) {}
            let bytes = try contents(of: path)
            #expect(bytes.count == (expected > 0 ? 6000 : 0))
            let isRight = source.pattern.matches(bytes.suffix(expected), at: range.lowerBound)
            #expect(isRight, "\(range)")
        }
    }

    /// Runs in a child process, which lowers its limit of open files meanwhile.
    @Test func sourceThatCannotBeReopenedIsReadThroughTheSharedDescriptor() async {
        await #expect(processExitsWith: .success) {
            let source = try PatternFile(size: 6000, seed: 64)
            let directory = try TemporaryDirectory.onDisk()
            let (from, to) = (
                try source.open(), try OpenDescriptor(directory.path("copy"), .readWrite, options: .create)
            )
            var limit = rlimit()
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            #expect(getrlimit(resource, &limit) == 0)
            var none = limit
            none.rlim_cur = 0
            #expect(setrlimit(resource, &none) == 0)
            let isRefused = open("/dev/null", O_RDONLY) < 0
            let count = CopyChunk(
                from: from.descriptor.rawValue, to: to.descriptor.rawValue, range: 1000..<6000, copied: CopiedBytes()
            ).run()
            #expect(setrlimit(resource, &limit) == 0)
            #expect(isRefused)
            #expect(count == 5000)
            withExtendedLifetime((from, to)) {}
            let bytes = try contents(of: directory.path("copy"))
            let isRight = bytes.count == 6000 && source.pattern.matches(bytes[1000...], at: 1000)
            #expect(isRight)
        }
    }
}

import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite struct CopyChunkTests {
    /// The kernel copies as far as the source goes, and says so; then the thread looks for itself.
    @Test(arguments: [false, true]) func chunkThatGoesPastTheSourceHasWhatIsThere(isInMemory: Bool) throws {
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
}

import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct LinesFailureTests {
    /// The sequence has all lines that end before the failed chunk, then throws, then ends: it returns no half line.
    @Test func errorIsThrownAfterTheLinesBeforeItAndEndsTheSequence() async throws {
        let fs = try SlowFileSystem()
        let backing = try OpenDescriptor(fs.backing.appending("text"), .writeOnly, options: .create)
        let line = String(repeating: "x", count: 999)
        for _ in 0..<2000 { _ = try backing.descriptor.writeAll(Array("\(line)\n".utf8)) }
        withExtendedLifetime(backing) {}
        try await withAIOContext { context async throws in
            let file = try await AIOFile.open(fs.path("text"), caching: .direct, on: context)
            var iterator = file.lines().makeAsyncIterator()
            var count: Int64 = 0
            let error = await expectError(.inputOutput) {
                while let next = try await iterator.next() {
                    count += 1
                    #expect(next == line)
                    // Every chunk of 131,072 bytes ends inside a line, so it does not matter which one fails.
                    if count == 1 { try fs.fail(.read, with: .ioError, times: 1000) }
                }
            }
            let offset = try #require(error?.offset)
            #expect(offset >= 131_072)
            #expect(count == offset / 1000)
            let after = try await iterator.next()
            #expect(after == nil)
        }
    }
}

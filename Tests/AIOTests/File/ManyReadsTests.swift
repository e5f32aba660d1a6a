import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ManyReadsTests {
    @Test(arguments: Setting.onDisk)
    func tenThousandReadsAtOnceThroughAQueueOf64(setting: Setting) async throws {
        let count = 10_000
        try await withFixture(setting, size: 16 << 20) { fixture async throws in
            let file = try await fixture.open()
            var generator = SplitMix64(seed: 20_000)
            let offsets = (0..<count).map { _ in Int64.random(in: 0..<Int64(fixture.size) - 8192, using: &generator) }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for (index, offset) in offsets.enumerated() {
                    // Every other read is aligned, and lengths vary.
                    let start = index % 2 == 0 ? offset & ~4095 : offset
                    let length = index % 3 == 0 ? 4096 : 1 + index % 8000
                    group.addTask {
                        let bytes = try await file.read(at: start, count: length)
                        return bytes.count == length && fixture.pattern.matches(bytes, at: start)
                    }
                }
                var right = 0
                for try await isRight in group where isRight { right += 1 }
                #expect(right == count)
            }
            let statistics = fixture.context.statistics
            #expect(statistics.operations.reads == count)
            #expect(statistics.failed == 0)
            #expect(statistics.inFlight == 0 && statistics.pending == 0)
            #expect(statistics.submitted + statistics.inline == statistics.completed)
            #expect(statistics.completed == count + 1)
            if setting.caching == .direct {
                #expect(statistics.submitted == count)
                #expect(statistics.peakInFlight <= 64)
            }
        }
    }
}

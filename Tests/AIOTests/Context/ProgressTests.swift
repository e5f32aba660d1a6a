import AIO
import Glibc
import SystemPackage
import TestSupport
import Testing

/// However many reads wait for a disk, they occupy no thread of the cooperative pool.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
struct ProgressTests {
    /// The reads are held until the computation is done. If they blocked the cooperative pool's threads, it would never
    /// be done; a thread outside the pool then releases them, and the test fails.
    @Test(arguments: AIOFile.Caching.both)
    func computingTasksGoOnWhileAThousandReadsAreHeld(caching: AIOFile.Caching) async throws {
        let fs = try SlowFileSystem()
        let pattern = BytePattern(seed: 12)
        let path = try fs.addFile("data", size: 4 << 20, pattern: pattern)
        let (read, write) = try OpenDescriptor.pipe()
        async let wasRescued = onThread {
            var entry = pollfd(fd: read.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 120_000) == 0 else { return false }
            try fs.release(.read)
            return true
        }
        try await withAIOContext { context async throws in
            let file = try await AIOFile.open(path, caching: caching, on: context)
            try fs.hold(.read)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<1000 {
                    group.addTask {
                        let offset = Int64(index) * 4096
                        let bytes = try await file.read(at: offset, count: 4096)
                        return bytes.count == 4096 && pattern.matches(bytes, at: offset)
                    }
                }
                try await fs.waitForReads(1)
                #expect(await eventually { context.statistics.operations.reads == 1000 })
                // More tasks than the pool has threads, each of many steps.
                let steps = await withTaskGroup(of: Int.self) { computing in
                    for seed in 0..<8 { computing.addTask { await compute(seed: seed, steps: 200) } }
                    return await computing.reduce(0, +)
                }
                #expect(steps == 1600)
                #expect(context.statistics.bytesRead == 0)
                _ = try write.descriptor.writeAll([0])
                try fs.release(.read)
                for try await isRight in group { #expect(isRight) }
            }
        }
        #expect(try await wasRescued == false, "the pool was blocked until the reads were released")
    }
}

/// Does some arithmetic, in steps between which it yields. Returns the number of steps.
private func compute(seed: Int, steps: Int) async -> Int {
    var (value, done) = (UInt64(seed), 0)
    for _ in 0..<steps {
        for _ in 0..<50 { value = value &* 6_364_136_223_846_793_005 &+ 1 }
        done += value == 0 ? 0 : 1
        await Task.yield()
    }
    return done
}

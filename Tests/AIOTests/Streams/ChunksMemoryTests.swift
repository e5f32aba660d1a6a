import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// What going through a file takes, however long it is: in processes of their own, where the pool and the resident
/// memory are nobody else's.
@Suite(.timeLimit(.minutes(5))) struct ChunksMemoryTests {
    private static let size = 256 << 20
    private static let chunkLength = 64 << 10
    private static let readAhead = 8
    /// For what is no chunk: threads, tasks, what the allocator keeps. Measured with the chunks: 1.4 MiB.
    private static let margin = 8 << 20

    enum Consumer: CaseIterable {
        /// Asks for the next chunk at once, and keeps none.
        case quick
        /// Has one chunk in hand while it waits for the next.
        case holding
        /// Lets every read ahead come in before it asks for the next chunk: all that may be held is held.
        case slow
    }

    @Test func directChunksTakeNoMoreMemoryThanAskedFor() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.direct) }
    }

    @Test func bufferedChunksTakeNoMoreMemoryThanAskedFor() async {
        await #expect(processExitsWith: .success) { try await Self.expectBoundedMemory(.buffered) }
    }

    private static func expectBoundedMemory(_ setting: Setting) async throws {
        try await withFixture(setting, size: size) { fixture async throws in
            // Each consumer finds a warm pool, whose high-water mark is then what all of them together have set.
            for consumer in Consumer.allCases {
                ResidentMemory.resetPeak()
                let before = try ResidentMemory.peak
                PageCache.drop(0..<size, of: try fixture.source.open())
                try await goThrough(fixture, as: consumer)
                // What waits in the pool once all is given back is what was in use at the same time: a block is only
                // made when none waits. It keeps 256 of these, far more than the bound.
                let blocks = BufferPool.shared.idleBytes / chunkLength
                #expect(blocks <= readAhead + 2, "\(setting), \(consumer)")
                // The read-ahead was there, or the bound says nothing.
                if setting.caching == .direct { #expect(blocks > readAhead, "\(setting), \(consumer)") }
                let grown = try ResidentMemory.peak - before
                #expect(grown <= (readAhead + 2) * chunkLength + margin, "\(setting), \(consumer)")
            }
        }
    }

    private static func goThrough(_ fixture: Fixture, as consumer: Consumer) async throws {
        let file = try await fixture.open()
        var (position, held) = (Int64(0), AIOBuffer())
        for try await chunk in file.chunks(chunkLength: chunkLength, readAhead: readAhead) {
            let isRight = fixture.pattern.matches(chunk, at: position)
            #expect(isRight, "at \(position)")
            position += Int64(chunk.count)
            switch consumer {
            case .quick: break
            case .holding: held = chunk
            case .slow:
                // The reads ahead of the first sixteenth; each wait is a poll of the counters.
                if position < size / 16 { #expect(await eventually { file.context.statistics.inFlight == 0 }) }
            }
        }
        #expect(position == size)
        held = AIOBuffer()
        #expect(held.isEmpty)
        #expect(await eventually { file.context.statistics.inFlight == 0 })
    }
}

/// This process's resident memory.
enum ResidentMemory {
    /// The most there was, in bytes: VmHWM of proc_pid_status(5).
    static var peak: Int {
        get throws {
            // Not by its size: files of /proc have none.
            let file = try OpenDescriptor("/proc/self/status")
            var bytes = [UInt8](repeating: 0, count: 16384)
            let count = try bytes.withUnsafeMutableBytes { try file.descriptor.read(into: $0) }
            withExtendedLifetime(file) {}
            let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("VmHWM:") }
            let words = try #require(line).split { $0 == " " || $0 == "\t" }
            return try #require(Int(words[1])) << 10
        }
    }

    /// Counts the peak from now on, where the kernel can: proc_pid_clear_refs(5).
    static func resetPeak() {
        guard let file = try? OpenDescriptor("/proc/self/clear_refs", .writeOnly) else { return }
        _ = try? file.descriptor.writeAll([UInt8(ascii: "5")])
        withExtendedLifetime(file) {}
    }
}

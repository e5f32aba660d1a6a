import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// Memory that the pool reuses.
@Suite(.timeLimit(.minutes(5))) struct BufferPoolTests {
    /// Fills the pool with memory that holds 0xcc.
    private static func soil(count: Int, buffers: Int = 64) {
        let dirty = (0..<buffers).map { _ in AIOBuffer(copying: [UInt8](repeating: 0xcc, count: count)) }
        withExtendedLifetime(dirty) {}
    }

    @Test(arguments: Setting.all)
    func readShowsNoBytesButThoseOfTheFile(setting: Setting) async throws {
        try await withFixture(setting, size: 10_001) { fixture async throws in
            let file = try await fixture.open()
            for (offset, count) in [(8192, 4096), (9999, 100), (10_000, 4096), (0, 65536), (12_288, 4096)] {
                Self.soil(count: count)
                let bytes = try await file.read(at: Int64(offset), count: count)
                let expected = max(0, 10_001 - offset)
                #expect(bytes.count == min(count, expected))
                #expect(bytes.withUnsafeBytes { $0.count } == bytes.count)
                #expect(bytes.withBytes { $0.byteCount } == bytes.count)
                #expect(bytes.withContiguousStorageIfAvailable { $0.count } == bytes.count)
                #expect(Array(bytes).count == bytes.count)
                #expect(fixture.pattern.matches(bytes, at: Int64(offset)))
            }
            let whole = try await file.readToEnd(maximum: 20_000)
            #expect(whole.count == 10_001)
            #expect(fixture.pattern.matches(whole, at: 0))
        }
    }

    @Test func newBufferFromUsedMemoryIsZero() {
        for count in [1, 100, 4096, 5000, 1 << 20] {
            Self.soil(count: count)
            let buffers = (0..<64).map { _ in AIOBuffer(count: count) }
            #expect(buffers.allSatisfy { $0.isAll(0) })
        }
    }

    /// Runs in a child process, where no other test uses the pool.
    @Test func poolKeepsABoundedNumberOfBytesOfEverySize() async {
        await #expect(processExitsWith: .success) {
            #expect(BufferPool.shared.idleBytes == 0)
            for shift in 12...20 {
                let before = BufferPool.shared.idleBytes
                do {
                    let many = (0..<(40 << 20) >> shift).map { _ in BufferStorage(uninitialized: 1 << shift) }
                    withExtendedLifetime(many) {}
                }
                #expect(BufferPool.shared.idleBytes == before + (16 << 20), "blocks of \(1 << shift) bytes")
            }
            #expect(BufferPool.shared.idleBytes == 144 << 20)
            // Larger ones, and those with an alignment of their own, are not kept at all.
            let before = BufferPool.shared.idleBytes
            do {
                let others = [AIOBuffer(count: 3 << 20), AIOBuffer(count: 4096, alignment: 8192)]
                withExtendedLifetime(others) {}
            }
            #expect(BufferPool.shared.idleBytes == before)
        }
    }

    @Test func memoryIsUsedAgain() async {
        await #expect(processExitsWith: .success) {
            func address() -> Int {
                let buffer = AIOBuffer(count: 10_000)
                return buffer.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
            }
            let first = address()
            #expect(BufferPool.shared.idleBytes == 16384)
            #expect(address() == first)
            #expect(BufferPool.shared.idleBytes == 16384)
        }
    }
}

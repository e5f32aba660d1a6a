/// The operations of a workload in their order, the same for every engine: each block of the file once, shuffled by
/// a seed where the pattern is random, before any block comes twice.
///
/// In memory that does not move, so that the C loops read the same table.
@usableFromInline
package final class OffsetTable: @unchecked Sendable {
    @usableFromInline
    package struct Entry: Equatable, Sendable {
        @usableFromInline package var offset: Int64
        @usableFromInline package var writes: Bool

        @inlinable
        package init(offset: Int64, writes: Bool) {
            self.offset = offset
            self.writes = writes
        }
    }

    /// Bit 63 of an entry: the operation writes. The same bit is named in CLoop.h.
    @inlinable package static var writeBit: UInt64 { 1 << 63 }

    // Unchecked: written in init alone, read-only from then on.
    @usableFromInline package let storage: UnsafeMutableBufferPointer<UInt64>

    package var count: Int { storage.count }
    package var entries: UnsafePointer<UInt64> { UnsafePointer(storage.baseAddress!) }

    /// - Parameter span: The bytes of the file, from its start, that the workload uses; at least one block.
    package init(_ workload: Workload, span: Int, seed: UInt64) {
        let blocks = max(1, span / workload.blockSize)
        storage = .allocate(capacity: blocks)
        for index in 0..<blocks { storage.initializeElement(at: index, to: UInt64(index * workload.blockSize)) }
        var generator = SplitMix64(seed: seed)
        if workload.pattern.isRandom {
            for index in stride(from: blocks - 1, to: 0, by: -1) {
                storage.swapAt(index, Int(generator.next(upperBound: UInt64(index + 1))))
            }
        }
        for index in 0..<blocks {
            let writes =
                switch workload.pattern {
                case .randread, .read, .lines, .copy: false
                case .randwrite, .write: true
                case .randrw: generator.next() & 1 == 1
                }
            if writes { storage[index] |= Self.writeBit }
        }
    }

    deinit { storage.deallocate() }

    @inlinable
    package subscript(index: Int) -> Entry {
        let entry = storage[index % storage.count]
        return Entry(offset: Int64(entry & ~Self.writeBit), writes: entry & Self.writeBit != 0)
    }
}

/// A small seeded generator: the same numbers on every machine, for ever.
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

import Testing

@testable import AIOEngine

@Suite struct SlotTableTests {
    /// Around the borders of the chunks of 64, 128, 256 … slots: 64, 192, 448 …
    static let borders: [UInt32] = (0..<8).flatMap { chunk -> [UInt32] in
        let border = UInt32(64 << (chunk + 1)) - 64
        return [border - 1, border, border + 1]
    }

    @Test func givesEverySmallIndexASlotOfItsOwn() {
        let table = SlotTable()
        defer { table.deallocate() }
        var addresses: [UInt] = []
        for index: UInt32 in 0..<5_000 {
            table.reserve(index)
            addresses.append(UInt(bitPattern: table[index]))
        }
        let stride = UInt(MemoryLayout<Slot>.stride)
        for (lower, upper) in zip(addresses.sorted(), addresses.sorted().dropFirst()) {
            #expect(upper - lower >= stride)
        }
        // Slots of one chunk lie side by side; a border lies between two allocations.
        for index in 1..<5_000 where !Self.borders.contains(UInt32(index)) {
            #expect(addresses[index] == addresses[index - 1] + stride)
        }
    }

    @Test func keepsAddressesWhileItGrows() {
        let table = SlotTable()
        defer { table.deallocate() }
        table.reserve(0)
        let first = table[0]
        var seen: [UInt32: UnsafeMutablePointer<Slot>] = [:]
        for index in Self.borders {
            table.reserve(index)
            seen[index] = table[index]
        }
        // Reserving again allocates nothing anew.
        for index in Self.borders { table.reserve(index) }
        #expect(table[0] == first)
        for (index, address) in seen { #expect(table[index] == address) }
        #expect(Set(seen.values).count == Self.borders.count)
    }

    @Test func startsChunksOnCacheLinesAndSlotsWithTheirBlock() {
        let table = SlotTable()
        defer { table.deallocate() }
        for chunkStart: UInt32 in [0, 64, 192, 448] {
            table.reserve(chunkStart)
            #expect(UInt(bitPattern: table[chunkStart]) % 64 == 0)
        }
        #expect(UInt(bitPattern: table.block(3)) == UInt(bitPattern: table[3]))
        #expect(MemoryLayout<Slot>.offset(of: \.block) == 0)
    }

    @Test func reachesTheLastIndex() {
        let table = SlotTable()
        defer { table.deallocate() }
        let last = UInt32(SlotTable.maximumCount - 1)
        // Untouched memory: address space, no pages.
        table.reserve(last)
        table[last].pointee.startedAt = 42
        #expect(table[last].pointee.startedAt == 42)
    }
}

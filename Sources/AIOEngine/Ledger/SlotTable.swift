internal import AIOKernel
internal import CAIOShims

/// The slots, in memory that grows and never moves.
///
/// Chunk k holds 64·2^k slots, so the directory is small and a shift finds the slot of an index. Chunks are added under
/// the engine's lock and freed with the table. A thread that got an index under the lock may use the slot without it.
struct SlotTable: @unchecked Sendable {
    // Unchecked: the ledger gives each slot to one owner at a time.
    private let directory: UnsafeMutablePointer<UnsafeMutablePointer<Slot>?>

    private static let firstShift = 6
    private static let directoryCount = 26

    /// No operation gets an index from here on.
    static let maximumCount = 1 << 24

    init() {
        directory = .allocate(capacity: Self.directoryCount)
        directory.initialize(repeating: nil, count: Self.directoryCount)
    }

    func deallocate() {
        for chunk in 0..<Self.directoryCount { directory[chunk]?.deallocate() }
        directory.deallocate()
    }

    /// Makes room for `index`. Under the engine's lock.
    func reserve(_ index: UInt32) {
        let (chunk, _) = Self.location(index)
        guard directory[chunk] == nil else { return }
        // Slots hold nothing that counts references, so raw memory is all they need.
        let count = 1 << (chunk + Self.firstShift)
        directory[chunk] = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Slot>.stride, alignment: 64
        ).bindMemory(to: Slot.self, capacity: count)
    }

    @inline(__always)
    subscript(index: UInt32) -> UnsafeMutablePointer<Slot> {
        let (chunk, offset) = Self.location(index)
        return directory[chunk].unsafelyUnwrapped + offset
    }

    /// The address the kernel gets.
    @inline(__always)
    func block(_ index: UInt32) -> UnsafeMutablePointer<caio_iocb> {
        UnsafeMutableRawPointer(self[index]).assumingMemoryBound(to: caio_iocb.self)
    }

    @inline(__always)
    private static func location(_ index: UInt32) -> (chunk: Int, offset: Int) {
        let position = Int(index) + (1 << firstShift)
        let top = Int.bitWidth - 1 - position.leadingZeroBitCount
        return (top - firstShift, position - (1 << top))
    }
}

/// Which ranges are read ahead, and which is returned next: a value that does no I/O.
///
/// The planned reads have consecutive ranges in the file, and consecutive indices in a ring.
struct ReadWindow {
    private let end: Int64
    private let chunkLength: Int
    let capacity: Int
    /// The offset of the oldest read.
    private(set) var position: Int64
    /// The offset of the next read to be planned.
    private var ahead: Int64
    private var first = 0
    /// How many reads are planned and not removed: under way, or done.
    private(set) var count = 0

    init(_ range: Range<Int64>, chunkLength: Int, capacity: Int) {
        end = range.upperBound
        position = range.lowerBound
        ahead = range.lowerBound
        self.chunkLength = chunkLength
        self.capacity = capacity
    }

    /// Plans one more read; nil if the window is full, or no bytes of the range are left.
    mutating func add() -> PlannedRead? {
        guard count < capacity, ahead < end else { return nil }
        let planned = PlannedRead(index: (first + count) % capacity, offset: ahead, count: length(at: ahead))
        ahead += Int64(planned.count)
        count += 1
        return planned
    }

    /// The oldest read.
    var oldest: PlannedRead? {
        count > 0 ? PlannedRead(index: first, offset: position, count: length(at: position)) : nil
    }

    /// Removes the oldest read, whose bytes are returned.
    mutating func removeOldest() {
        guard let oldest else { return }
        position += Int64(oldest.count)
        first = (first + 1) % capacity
        count -= 1
    }

    /// Returns the index in the ring of the read at `position`, where the oldest read is at 0.
    func index(_ position: Int) -> Int { (first + position) % capacity }

    private func length(at offset: Int64) -> Int { Int(min(Int64(chunkLength), end - offset)) }
}

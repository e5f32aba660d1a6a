/// Which ranges are read ahead and which comes next: a value that does no I/O.
///
/// The reads that are under way lie one behind the other in the file, and in a ring of places.
struct ReadWindow {
    struct Place: Equatable {
        /// Of the ring.
        let index: Int
        let offset: Int64
        let count: Int
    }

    private let end: Int64
    private let chunkLength: Int
    let capacity: Int
    /// Where the oldest read begins, and where the next one will.
    private(set) var position: Int64
    private var ahead: Int64
    private var first = 0
    /// Reads under way, or done and not handed out.
    private(set) var count = 0

    init(_ range: Range<Int64>, chunkLength: Int, capacity: Int) {
        end = range.upperBound
        position = range.lowerBound
        ahead = range.lowerBound
        self.chunkLength = chunkLength
        self.capacity = capacity
    }

    /// Begins one more read; nil when the window is full, or the range at its end.
    mutating func add() -> Place? {
        guard count < capacity, ahead < end else { return nil }
        let place = Place(index: (first + count) % capacity, offset: ahead, count: length(at: ahead))
        ahead += Int64(place.count)
        count += 1
        return place
    }

    /// The oldest read.
    var oldest: Place? {
        count > 0 ? Place(index: first, offset: position, count: length(at: position)) : nil
    }

    /// The oldest read is handed out.
    mutating func removeOldest() {
        guard let oldest else { return }
        position += Int64(oldest.count)
        first = (first + 1) % capacity
        count -= 1
    }

    /// The place in the ring of the read that has `number` older ones before it.
    func index(_ number: Int) -> Int { (first + number) % capacity }

    private func length(at offset: Int64) -> Int { Int(min(Int64(chunkLength), end - offset)) }
}

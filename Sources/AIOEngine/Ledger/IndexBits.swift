/// A set of small indices, a bit each: cheap to keep, and quick to go through when few of many are in it.
struct IndexBits {
    private var words: ContiguousArray<UInt64> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func insert(_ index: UInt32) {
        let word = Int(index >> 6)
        while words.count <= word { words.append(0) }
        let bit: UInt64 = 1 << UInt64(index & 63)
        if words[word] & bit == 0 { count += 1 }
        words[word] |= bit
    }

    mutating func remove(_ index: UInt32) {
        let word = Int(index >> 6)
        guard word < words.count else { return }
        let bit: UInt64 = 1 << UInt64(index & 63)
        if words[word] & bit != 0 { count -= 1 }
        words[word] &= ~bit
    }

    func contains(_ index: UInt32) -> Bool {
        let word = Int(index >> 6)
        return word < words.count && words[word] & 1 << UInt64(index & 63) != 0
    }

    /// The smallest member from `index` on.
    func next(from index: UInt32) -> UInt32? {
        var word = Int(index >> 6)
        guard word < words.count else { return nil }
        var bits = words[word] & ~0 << UInt64(index & 63)
        while bits == 0 {
            word += 1
            guard word < words.count else { return nil }
            bits = words[word]
        }
        return UInt32(word << 6 + bits.trailingZeroBitCount)
    }
}

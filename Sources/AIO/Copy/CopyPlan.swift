/// Which ranges of a file are to be copied, and how much of the file is done: a value that does no I/O.
///
/// The data of a sparse file lies between holes. The plan has its caller find the next data, and cuts it into chunks.
struct CopyPlan {
    enum Step: Equatable {
        case copy(Range<Int64>)
        /// Find the next data at or after this offset, and call ``foundData(_:)``.
        case findData(from: Int64)
        /// All ranges were returned.
        case finished
    }

    let total: Int64
    private let chunkLength: Int64
    /// Data that was found and not returned yet.
    private var data: Range<Int64>
    private var isAtEnd: Bool
    /// How many bytes are done: copied, or in holes that were passed.
    private(set) var done: Int64 = 0
    /// The end of the source: `total`, unless it turned out to be earlier.
    private(set) var end: Int64
    private var endsInHole = false

    init(total: Int64, chunkLength: Int) {
        self.total = total
        self.chunkLength = Int64(chunkLength)
        data = 0..<0
        isAtEnd = total <= 0
        end = total
    }

    /// Returns what is to be done next.
    mutating func next() -> Step {
        // Behind the end of a source that has become shorter there is nothing to copy.
        guard data.isEmpty || data.lowerBound >= end else {
            let chunk =
                data.lowerBound..<min(data.upperBound, data.lowerBound + min(chunkLength, .max - data.lowerBound))
            data = chunk.upperBound..<data.upperBound
            return .copy(chunk)
        }
        if data.upperBound >= end { isAtEnd = true }
        return isAtEnd ? .finished : .findData(from: data.upperBound)
    }

    /// Records the next data, or nil if only a hole is left. The bytes before it are a hole, which counts as done.
    mutating func foundData(_ found: Range<Int64>?) {
        let before = data.upperBound
        guard let found = found?.clamped(to: before..<total), !found.isEmpty else {
            done += total - before
            isAtEnd = true
            endsInHole = true
            return
        }
        done += found.lowerBound - before
        data = found
    }

    /// Whether the source may end before ``end``: no copied data reaches the end, which would show that it does not.
    var isEndUncertain: Bool { end < total || endsInHole }

    /// Records that `count` bytes of a chunk were copied: fewer than it has if the source has become shorter.
    mutating func copied(_ chunk: Range<Int64>, count: Int) {
        done += chunk.upperBound - chunk.lowerBound
        if Int64(count) < chunk.upperBound - chunk.lowerBound { end = min(end, chunk.lowerBound + Int64(count)) }
    }
}

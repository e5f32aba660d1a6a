/// Which ranges of a file are to be copied, and how much of it is done: a value that does no I/O.
///
/// The data of a sparse file lies between holes. The plan asks where the next data is, and cuts it into chunks.
struct CopyPlan {
    enum Step: Equatable {
        case copy(Range<Int64>)
        /// Say where the next data at or after this offset is: ``foundData(_:)``.
        case findData(from: Int64)
        /// Every range was given out.
        case end
    }

    let total: Int64
    private let chunkLength: Int64
    /// Data that was found and not given out yet.
    private var data: Range<Int64>
    private var isAtEnd: Bool
    /// Bytes that are copied, or holes.
    private(set) var done: Int64 = 0
    /// Where the source turned out to end, if that is before `total`.
    private(set) var end: Int64
    private var endsInHole = false

    init(total: Int64, chunkLength: Int) {
        self.total = total
        self.chunkLength = Int64(chunkLength)
        data = 0..<0
        isAtEnd = total <= 0
        end = total
    }

    mutating func next() -> Step {
        // Behind the end of a source that has become shorter there is nothing to copy.
        guard data.isEmpty || data.lowerBound >= end else {
            let chunk =
                data.lowerBound..<min(data.upperBound, data.lowerBound + min(chunkLength, .max - data.lowerBound))
            data = chunk.upperBound..<data.upperBound
            return .copy(chunk)
        }
        if data.upperBound >= end { isAtEnd = true }
        return isAtEnd ? .end : .findData(from: data.upperBound)
    }

    /// The next data; nil when only a hole is left. What lies before it is a hole, and done.
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

    /// Whether the source may end before ``end``: there is no data at the end of what is copied to tell.
    var isEndUncertain: Bool { end < total || endsInHole }

    /// `count` bytes of a chunk were copied: fewer than it has when the source has become shorter.
    mutating func copied(_ chunk: Range<Int64>, count: Int) {
        done += chunk.upperBound - chunk.lowerBound
        if Int64(count) < chunk.upperBound - chunk.lowerBound { end = min(end, chunk.lowerBound + Int64(count)) }
    }
}

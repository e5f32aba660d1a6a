/// How much of one chunk has got to the file, across as many writes as necessary: a value that does no I/O.
struct ChunkProgress {
    let offset: Int64
    let count: Int
    /// The multiple at which a direct write has to begin.
    let unit: Int
    private(set) var done = 0

    init(offset: Int64, count: Int, unit: Int) {
        (self.offset, self.count, self.unit) = (offset, count, unit)
    }

    enum Step: Equatable {
        /// Write the bytes from `done` on.
        case writeRest
        case complete
        /// Nothing more can be written.
        case noProgress
    }

    /// Records a write of `bytes` bytes.
    ///
    /// - Returns: what is to be done next.
    mutating func wrote(_ bytes: Int) -> Step {
        let reached = done + bytes
        guard reached < count else {
            done = count
            return .complete
        }
        // After a direct write that stopped inside a block, the next one begins at the block's start: it writes the
        // same bytes again.
        let next = reached / unit * unit
        guard next > done else {
            done = reached
            return .noProgress
        }
        done = next
        return .writeRest
    }
}

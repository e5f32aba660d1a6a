internal import AIOEngine

/// What a writer has under way, and what did not get to the file: a value that does no I/O.
struct WriterLedger {
    struct Failure {
        let range: Range<Int64>
        let error: any Error
    }

    /// Chunks under way.
    private(set) var inFlight = 0
    /// What did not get there, and why; in no order.
    private(set) var failures: [Failure] = []
    var isFinished = false

    mutating func began() { inFlight += 1 }

    mutating func ended(_ failure: Failure?) {
        inFlight -= 1
        if let failure { failures.append(failure) }
    }

    mutating func failed(_ failure: Failure) { failures.append(failure) }

    /// The failure that lies first in the file: all before it did get there.
    var first: Failure? { failures.min { $0.range.lowerBound < $1.range.lowerBound } }

    /// The ranges that did not get there, in order, those that touch joined.
    var unwritten: [Range<Int64>] {
        failures.map(\.range).sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, range in
            guard !range.isEmpty else { return }
            if let last = joined.last, last.upperBound >= range.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
    }
}

/// One chunk on its way to the file, across as many writes as that takes.
struct ChunkProgress {
    let offset: Int64
    let count: Int
    /// What a direct write's place has to be a multiple of.
    let unit: Int
    private(set) var done = 0

    init(offset: Int64, count: Int, unit: Int) {
        (self.offset, self.count, self.unit) = (offset, count, unit)
    }

    enum Step: Equatable {
        /// Write from here on.
        case again
        case end
        /// Nothing more can be written.
        case stuck
    }

    /// A write brought so many bytes to the file.
    mutating func wrote(_ bytes: Int) -> Step {
        let reached = done + bytes
        guard reached < count else {
            done = count
            return .end
        }
        // A direct write that ended inside a block is continued from the block's start: it is the same bytes.
        let next = reached / unit * unit
        guard next > done else {
            done = reached
            return .stuck
        }
        done = next
        return .again
    }
}

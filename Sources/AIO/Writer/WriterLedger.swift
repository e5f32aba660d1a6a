/// How many of a writer's chunks are in flight, and which ranges did not get to the file: a value that does no I/O.
struct WriterLedger {
    struct Failure {
        let range: Range<Int64>
        let error: any Error
    }

    /// Chunks in flight.
    private(set) var inFlight = 0
    /// The ranges that did not get to the file, and why; in no order.
    private(set) var failures: [Failure] = []
    var isFinished = false

    mutating func started() { inFlight += 1 }

    mutating func completed(_ failure: Failure?) {
        inFlight -= 1
        if let failure { failures.append(failure) }
    }

    /// Records the failure of a range that was not in flight.
    mutating func failed(_ failure: Failure) { failures.append(failure) }

    /// The failure that lies first in the file: all bytes before it did get there.
    var firstFailure: Failure? { failures.min { $0.range.lowerBound < $1.range.lowerBound } }

    /// The ranges that did not get to the file, in order; adjacent ones are joined.
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

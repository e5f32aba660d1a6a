public import CSupport
public import Synchronization

/// One timed run: returns the operations in their order until the time or the limit is reached.
@usableFromInline
package final class Run: Sendable {
    @usableFromInline package let first: Int
    @usableFromInline package let limit: Int
    package let nanoseconds: UInt64
    @usableFromInline package let latency: LatencyRecorder
    @usableFromInline package let offsets: OffsetTable
    @usableFromInline package let deadline: UInt64
    @usableFromInline package let issued = Atomic<Int>(0)

    /// - Parameters:
    ///   - first: The index of the first entry; every engine of a round gets the same one.
    ///   - limit: Operations at most.
    package init(_ offsets: OffsetTable, first: Int, limit: Int, nanoseconds: UInt64, latency: LatencyRecorder) {
        self.offsets = offsets
        self.first = first % offsets.count
        self.limit = limit
        self.nanoseconds = nanoseconds
        self.latency = latency
        self.deadline = bench_now() + nanoseconds
    }

    /// Returns the next operation, to be issued at `now`; nil when the run is over.
    @inlinable
    package func take(at now: UInt64) -> OffsetTable.Entry? {
        guard now < deadline else { return nil }
        // Relaxed: a ticket, ordered with nothing.
        let ticket = issued.add(1, ordering: .relaxed).oldValue
        return ticket < limit ? offsets[first &+ ticket] : nil
    }

    /// Performs one task's part of the run: one operation at a time, each issued when the one before has its result.
    ///
    /// The clock is read once per operation, as in the C loops: the end of one is the beginning of the next.
    /// - Returns: how many operations it performed.
    @inlinable
    package func work(_ operation: (OffsetTable.Entry) async throws -> Void) async throws -> Int {
        var done = 0
        var now = bench_now()
        while let entry = take(at: now) {
            try await operation(entry)
            let end = bench_now()
            latency.record(end &- now)
            now = end
            done &+= 1
        }
        return done
    }
}

public import CSupport

/// Counts the lines of a run, and decides when it is over: the same few instructions for every engine.
@usableFromInline
package struct LineCount: Sendable {
    @usableFromInline let run: Run
    @usableFromInline var lines = 0
    @usableFromInline var bytes = 0
    @usableFromInline var isTimeUp = false

    @inlinable
    package init(_ run: Run) { self.run = run }

    /// Counts a line. Returns whether the run is over. The clock is read for one line in 256: it costs as much as a
    /// line.
    @inlinable
    package mutating func add(_ line: String) -> Bool {
        lines &+= 1
        // The line's end is a byte of the file too.
        bytes &+= line.utf8.count &+ 1
        if lines & 255 == 0 { isTimeUp = bench_now() >= run.deadline }
        return isOver
    }

    @inlinable
    package var isOver: Bool { isTimeUp || lines >= run.limit }

    package var tally: Tally { Tally(operations: lines, bytes: bytes) }
}

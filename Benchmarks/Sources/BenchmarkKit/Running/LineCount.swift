public import CSupport

/// What a run over lines of text counts, and when it ends: for every engine the same few instructions.
@usableFromInline
package struct LineCount: Sendable {
    @usableFromInline let run: Run
    @usableFromInline var lines = 0
    @usableFromInline var bytes = 0
    @usableFromInline var isTimeUp = false

    @inlinable
    package init(_ run: Run) { self.run = run }

    /// Takes a line; true when the run is over. The clock is read for one line in many: it costs as much as a line.
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

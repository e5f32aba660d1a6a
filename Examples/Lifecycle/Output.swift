import SystemPackage

/// Prints one line to standard output, unbuffered: a service's log is read while it runs.
func say(_ line: String = "") {
    _ = try? FileDescriptor.standardOutput.writeAll((line + "\n").utf8)
}

/// Prints `name` in a column, and `text` beside it.
func say(_ name: String, _ text: String) {
    say("  " + name.padded(to: 30) + text)
}

/// Prints rows of cells under a heading, the first column aligned to the left, the others to the right.
func sayTable(_ rows: [[String]]) {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).enumerated().map { column, cell in
            column == 0 ? cell.0.padded(to: cell.1) : cell.0.padded(to: -cell.1)
        }
        say("  " + cells.joined(separator: "   "))
    }
}

extension String {
    /// Returns the text padded with spaces to `width` characters: behind it, or before it for a negative width.
    fileprivate func padded(to width: Int) -> String {
        let padding = String(repeating: " ", count: max(0, abs(width) - count))
        return width < 0 ? padding + self : self + padding
    }
}

extension Duration {
    /// In milliseconds with one decimal, or in microseconds when it is shorter than one.
    var text: String {
        let microseconds = components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
        if microseconds < 1000 { return "\(microseconds) µs" }
        let tenths = (microseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) ms"
    }
}

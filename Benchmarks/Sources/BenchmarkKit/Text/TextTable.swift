/// Columns of text, aligned: the first to the left, numbers to the right.
package struct TextTable: Sendable {
    package var header: [String]
    package var rows: [[String]] = []
    /// How many columns, from the first, are aligned to the left.
    package var leading: Int

    package init(_ header: [String], leading: Int = 1) {
        self.header = header
        self.leading = leading
    }

    package mutating func append(_ row: [String]) { rows.append(row) }

    /// The table's lines, without trailing spaces.
    package var lines: [String] {
        let all = [header] + rows
        let columns = all.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            all.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        var lines = all.map { row in
            let cells = (0..<columns).map { column in
                let text = column < row.count ? row[column] : ""
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column < leading ? text + padding : padding + text
            }
            return Self.trimmed(cells.joined(separator: "  "))
        }
        lines.insert(rule, at: 1)
        return lines
    }

    private static func trimmed(_ line: String) -> String {
        let end = line.lastIndex { $0 != " " }
        return end.map { String(line[...$0]) } ?? ""
    }
}

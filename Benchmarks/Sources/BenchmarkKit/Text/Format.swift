import Foundation

/// Formats numbers for people.
package enum Format {
    /// Three significant digits and thousands separated by commas: 1.23, 45.6, 789, 12,300.
    package static func number(_ value: Double) -> String {
        guard value.isFinite else { return "n/a" }
        let magnitude = abs(value)
        if magnitude >= 99.95 { return grouped(Int(value.rounded())) }
        return String(format: magnitude >= 9.995 ? "%.1f" : "%.2f", value)
    }

    package static func grouped(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    package static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }

    package static func percent(_ fraction: Double) -> String { String(format: "%.0f %%", fraction * 100) }

    /// 4096 as `4k`: the form of IDs and of the command line.
    package static func blockSize(_ bytes: Int) -> String {
        for (unit, suffix) in [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")] where bytes >= unit && bytes % unit == 0
        {
            return "\(bytes / unit)\(suffix)"
        }
        return "\(bytes)"
    }

    package static func bytes(_ bytes: Int) -> String {
        for (unit, suffix) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= unit {
            return bytes % unit == 0
                ? "\(bytes / unit) \(suffix)" : String(format: "%.1f \(suffix)", Double(bytes) / Double(unit))
        }
        return "\(bytes) bytes"
    }

    /// A short form for axes: 950, 12k, 1.5M.
    package static func short(_ value: Double) -> String {
        for (unit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where value >= unit {
            return trimmed(value / unit) + suffix
        }
        return trimmed(value)
    }

    /// Parses a size such as `4k`, `128K`, `1m`, `4096`; returns nil for other text.
    package static func parseSize(_ text: String) -> Int? {
        guard let last = text.last else { return nil }
        let units: [Character: Int] = ["k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        let unit = units[Character(last.lowercased())]
        guard let count = Int(unit == nil ? Substring(text) : text.dropLast()), count > 0 else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        return overflow ? nil : bytes
    }

    private static func trimmed(_ value: Double) -> String {
        let text = String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
        guard text.contains(".") else { return text }
        let end = text.lastIndex { $0 != "0" }.map { text[...$0] } ?? text[...]
        return String(end.last == "." ? end.dropLast() : end)
    }
}

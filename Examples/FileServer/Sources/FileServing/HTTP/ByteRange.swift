/// Which part of a file a `Range` field selects: RFC 9110, section 14.
package enum RangeSelection: Hashable, Sendable {
    /// The whole file: no range, one that is not understood, or more than one, which a server may ignore.
    case whole
    case part(Range<Int64>)
    /// No range of the field lies in the file.
    case unsatisfiable
}

extension RangeSelection {
    /// - Parameters:
    ///   - field: the value of `Range`; nil for a request without it.
    ///   - size: of the file, in bytes.
    package init(_ field: String?, size: Int64) {
        guard let field, let ranges = Self.parse(field) else {
            self = .whole
            return
        }
        let parts = ranges.compactMap { $0.resolved(size: size) }
        // Several parts would take multipart/byteranges. A server may ignore the field instead, and many small or
        // overlapping parts are how servers get attacked.
        switch parts.count {
        case 0: self = .unsatisfiable
        case 1 where parts[0].isEmpty: self = .whole
        case 1: self = .part(parts[0])
        default: self = .whole
        }
    }

    private enum Specification {
        case from(Int64, through: Int64)
        case suffix(Int64)

        /// Returns nil for a range outside the file.
        func resolved(size: Int64) -> Range<Int64>? {
            switch self {
            case .from(let first, let last): first < size ? first..<min(size, last == .max ? size : last + 1) : nil
            // The last bytes of an empty file are an empty range.
            case .suffix(let count): count > 0 ? max(0, size - count)..<size : nil
            }
        }
    }

    /// Returns nil for a field that has no byte ranges or is not well-formed; it is then ignored.
    private static func parse(_ field: String) -> [Specification]? {
        guard let equals = field.firstIndex(of: "="), field[..<equals].lowercased() == "bytes" else { return nil }
        let parts = field[field.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmed }.filter { !$0.isEmpty }
        let ranges = parts.compactMap { specification($0) }
        return parts.isEmpty || ranges.count < parts.count ? nil : ranges
    }

    private static func specification(_ text: Substring) -> Specification? {
        guard let dash = text.firstIndex(of: "-") else { return nil }
        let (first, last) = (text[..<dash], text[text.index(after: dash)...])
        if first.isEmpty { return number(last).map { .suffix($0) } }
        guard let from = number(first) else { return nil }
        if last.isEmpty { return .from(from, through: .max) }
        guard let through = number(last), through >= from else { return nil }
        return .from(from, through: through)
    }

    /// Parses digits only; a number too large for any file becomes the largest one.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(text) ?? .max
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}

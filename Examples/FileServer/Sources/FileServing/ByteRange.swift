/// What part of a file a `Range` field asks for: RFC 9110, section 14.
package enum RangeAnswer: Hashable, Sendable {
    /// All of it: no range, one that is not understood, or more than one, which a server may answer so.
    case whole
    case part(Range<Int64>)
    /// No range of the field lies in the file.
    case unsatisfiable
}

extension RangeAnswer {
    /// - Parameters:
    ///   - field: the value of `Range`; nil: there is none.
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

        /// nil: it lies outside.
        func resolved(size: Int64) -> Range<Int64>? {
            switch self {
            case .from(let first, let last): first < size ? first..<min(size, last == .max ? size : last + 1) : nil
            // Of an empty file the last bytes are all there are: none.
            case .suffix(let count): count > 0 ? max(0, size - count)..<size : nil
            }
        }
    }

    /// nil: not byte ranges, or not well-formed; then the field counts for nothing.
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

    /// Digits only; what is too large for any file is the largest there is.
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

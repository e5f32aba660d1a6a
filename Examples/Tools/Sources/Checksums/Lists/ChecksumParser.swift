/// Parses the lines of a list. The parser remembers which style it has met, one blank before the name or two: a name
/// that begins with a blank or an asterisk is ambiguous otherwise.
public struct ChecksumParser: Sendable {
    private enum Blanks { case unknown, one, two }
    private var blanks = Blanks.unknown

    public init() {}

    /// Returns nil for text that is not a line of checksums.
    public mutating func parse(_ text: some Collection<UInt8>) -> ChecksumLine? {
        var rest = Array(text)[...]
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let isEscaped = rest.first == UInt8(ascii: "\\")
        if isEscaped { rest.removeFirst() }
        guard let found = rest.starts(with: "SHA256".utf8) ? tagged(rest.dropFirst(6)) : plain(rest) else { return nil }
        guard isEscaped else { return found }
        return Escapes.unescaped(found.name).map { ChecksumLine(digest: found.digest, name: $0) }
    }

    private mutating func plain(_ text: ArraySlice<UInt8>) -> ChecksumLine? {
        guard let digest = [UInt8](hexadecimal: text.prefix(64)) else { return nil }
        var rest = text.dropFirst(64)
        guard let blank = rest.popFirst(), blank == UInt8(ascii: " ") || blank == UInt8(ascii: "\t") else { return nil }
        // A line without a name does not show the style either.
        guard !rest.isEmpty else { return nil }
        let marksMode = rest.count > 1 && (rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "*"))
        if !marksMode {
            guard blanks != .two else { return nil }
            blanks = .one
        } else if blanks != .one {
            blanks = .two
            rest.removeFirst()
        }
        return ChecksumLine(digest: digest, name: Array(rest))
    }

    /// `SHA256 (name) = digest`, or `SHA256(name)= digest` as openssl writes it.
    private func tagged(_ text: ArraySlice<UInt8>) -> ChecksumLine? {
        var rest = text
        if rest.first == UInt8(ascii: " ") { rest.removeFirst() }
        guard rest.popFirst() == UInt8(ascii: "("), let end = rest.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let name = Array(rest[..<end])
        var digits = rest[(end + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard digits.popFirst() == UInt8(ascii: "=") else { return nil }
        digits = digits.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard let digest = [UInt8](hexadecimal: digits) else { return nil }
        return ChecksumLine(digest: digest, name: name)
    }
}

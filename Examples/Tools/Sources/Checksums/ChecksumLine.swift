/// One line of a list of checksums, as sha256sum writes and reads it.
public struct ChecksumLine: Sendable, Hashable {
    public var digest: [UInt8]
    public var name: FileName

    public init(digest: [UInt8], name: FileName) {
        self.digest = digest
        self.name = name
    }
}

extension ChecksumLine {
    /// How lines are written.
    public struct Style: Sendable {
        /// `SHA256 (name) = digest`.
        public var isTagged = false
        /// An asterisk before the name.
        public var isBinary = false
        /// The line ends with NUL, and the name is written as it is.
        public var endsWithNUL = false

        public init() {}
    }

    public func written(_ style: Style) -> [UInt8] {
        let isEscaped = !style.endsWithNUL && name.contains { Escapes.letters[$0] != nil }
        let shown = isEscaped ? Escapes.escaped(name) : name
        let hex = digest.hexadecimal
        var line = isEscaped ? [UInt8(ascii: "\\")] : []
        if style.isTagged {
            line += Array("SHA256 (".utf8) + shown + Array(") = ".utf8) + hex
        } else {
            line += hex + Array(style.isBinary ? " *".utf8 : "  ".utf8) + shown
        }
        return line + [style.endsWithNUL ? 0 : UInt8(ascii: "\n")]
    }
}

/// Reads the lines of a list. It remembers which kind it has met: with one blank before the name, a name that
/// begins with a blank or an asterisk cannot be told from one with two.
public struct ChecksumParser: Sendable {
    private enum Blanks { case unknown, one, two }
    private var blanks = Blanks.unknown

    public init() {}

    /// nil: not a line of checksums.
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
        // Without a name it does not tell of the blanks either.
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

/// Names with a newline, a carriage return or a backslash, in a list of lines.
enum Escapes {
    static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\n"): UInt8(ascii: "n"),
        UInt8(ascii: "\r"): UInt8(ascii: "r"),
    ]

    static func escaped(_ name: FileName) -> FileName {
        name.flatMap { byte in letters[byte].map { [UInt8(ascii: "\\"), $0] } ?? [byte] }
    }

    /// nil: a backslash that no name is written with.
    static func unescaped(_ name: FileName) -> FileName? {
        var result: FileName = []
        var rest = name[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let letter = rest.popFirst(), let meant = letters.first(where: { $0.value == letter })?.key else {
                return nil
            }
            result.append(meant)
        }
        return result
    }
}

extension [UInt8] {
    var hexadecimal: [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }

    /// 64 digits, in either case.
    init?(hexadecimal text: some Collection<UInt8>) {
        guard text.count == 64 else { return nil }
        let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == 64 else { return nil }
        self = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

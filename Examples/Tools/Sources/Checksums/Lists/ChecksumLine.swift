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

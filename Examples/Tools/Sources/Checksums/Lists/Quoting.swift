extension FileName {
    /// The name for messages, as sha256sum writes it: in quotes where a shell needs them, with escapes for bytes that
    /// cannot be printed. So a name can neither break a line nor control the terminal.
    var quoted: String {
        guard needsQuotes else { return String(decoding: self, as: UTF8.self) }
        let characters = printable
        if contains(UInt8(ascii: "'")), !contains(where: { "\"$`\\".utf8.contains($0) }), !characters.contains(nil) {
            return "\"\(String(decoding: self, as: UTF8.self))\""
        }
        var (text, isEscaping) = ("'", false)
        for (byte, character) in zip(self, characters) {
            if (character == nil) != isEscaping {
                text += isEscaping ? "''" : "'$'"
                isEscaping.toggle()
            }
            switch character {
            case nil: text += Self.escape(byte)
            case "'": text += "'\\''"
            case let character?: text.unicodeScalars.append(character)
            }
        }
        return text + "'"
    }

    private var needsQuotes: Bool {
        if isEmpty || self == [UInt8(ascii: "{")] || self == [UInt8(ascii: "}")] { return true }
        if first == UInt8(ascii: "~") || first == UInt8(ascii: "#") { return true }
        return printable.contains(nil) || contains { " !\"$&'()*:;<=>?[\\^`|".utf8.contains($0) }
    }

    /// For each byte the character that can be printed as it is, or nil. Beyond ASCII that depends on the locale;
    /// escapes are right in every locale.
    private var printable: [UnicodeScalar?] { map { (0x20..<0x7f).contains($0) ? UnicodeScalar($0) : nil } }

    private static func escape(_ byte: UInt8) -> String {
        let letters: [UInt8: String] = [7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r"]
        let octal = String(byte, radix: 8)
        return "\\" + (letters[byte] ?? String(repeating: "0", count: 3 - octal.count) + octal)
    }
}

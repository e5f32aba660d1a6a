/// The escapes of names with a newline, a carriage return or a backslash, in a list of lines.
enum Escapes {
    static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\n"): UInt8(ascii: "n"),
        UInt8(ascii: "\r"): UInt8(ascii: "r"),
    ]

    static func escaped(_ name: FileName) -> FileName {
        name.flatMap { byte in letters[byte].map { [UInt8(ascii: "\\"), $0] } ?? [byte] }
    }

    /// Returns nil for an escape that no name is written with.
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

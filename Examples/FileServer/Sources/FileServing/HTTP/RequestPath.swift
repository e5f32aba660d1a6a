/// The path of an HTTP request, decoded and checked: names of files and directories, none of which leads up.
package struct RequestPath: Hashable, Sendable {
    /// The decoded parts, without empty ones and dots.
    package let components: [String]
    /// Whether the path names a directory: it ends with a slash, or is the root.
    package let isDirectory: Bool

    package enum Problem: Error {
        /// The text is not a path, or not one that a file could have: a bad escape, a NUL, bytes that are not UTF-8.
        case malformed
        /// A part leads up, or hides a slash: clients resolve dots themselves, so this is an attack.
        case traversal
    }

    /// - Parameter raw: the path of the request line, still percent-encoded, without the query.
    package init(_ raw: some StringProtocol) throws(Problem) {
        guard raw.utf8.first == UInt8(ascii: "/") else { throw .malformed }
        let parts = raw.utf8.split(separator: UInt8(ascii: "/"))
        var components: [String] = []
        for part in parts {
            // Decoded once only: a name that is encoded twice is the name of a file with percent signs.
            let component = try Self.decode(part)
            switch component {
            case ".": continue
            case "..": throw .traversal
            case _ where component.utf8.contains(UInt8(ascii: "/")): throw .traversal
            default: components.append(component)
            }
        }
        self.components = components
        let isDot = parts.last.map { $0.elementsEqual(".".utf8) } ?? false
        isDirectory = components.isEmpty || isDot || Array(raw.utf8).last == UInt8(ascii: "/")
    }

    private static func decode(_ part: some Collection<UInt8>) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = Array(part)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = hex(rest.popFirst()), let low = hex(rest.popFirst()) else { throw .malformed }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { throw .malformed }
        return text
    }

    private static func hex(_ byte: UInt8?) -> UInt8? {
        byte.flatMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
    }

    /// The path for openat(2), relative to the root.
    package var relative: String { components.isEmpty ? "." : components.joined(separator: "/") }

    /// The path for a Location field, with one slash at the beginning, so that it names no other host.
    package var encoded: String {
        "/"
            + components.map { component in
                component.utf8.reduce(into: "") { text, byte in
                    let digits = Array("0123456789ABCDEF")
                    let isPlain = Self.unreserved.contains(byte)
                    text +=
                        isPlain ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
                }
            }.joined(separator: "/")
    }

    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
}

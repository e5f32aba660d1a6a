/// A file as it was named on the command line or in a list: bytes, as not every name is UTF-8.
public typealias FileName = [UInt8]

extension FileName {
    /// Whether this is standard input. That has one position, so it is read by one reader at a time, from the position
    /// to the end, and the next reader finds nothing left.
    var isStandardInput: Bool { self == Array("-".utf8) }
}

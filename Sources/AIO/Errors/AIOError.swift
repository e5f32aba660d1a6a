public import SystemPackage

/// Why an operation failed, and what to do about it.
///
/// A task that was cancelled gets `CancellationError` instead.
public struct AIOError: Error, Sendable {
    /// The kind of failure, to decide by.
    public var code: Code
    /// The kernel's own error, where there was one.
    public var errno: Errno?
    /// What was being done: "read", "write", "open" …
    public var operation: String
    /// The file, where its path is known.
    public var path: FilePath?
    /// Where in the file, in bytes.
    public var offset: Int64?
    /// How many bytes were asked for.
    public var count: Int?
    /// What it means and what helps, in a sentence.
    public var advice: String

    /// An error of the caller's own making.
    public init(
        _ code: Code, operation: String, errno: Errno? = nil, path: FilePath? = nil, offset: Int64? = nil,
        count: Int? = nil, advice: String = ""
    ) {
        self.code = code
        self.errno = errno
        self.operation = operation
        self.path = path
        self.offset = offset
        self.count = count
        self.advice = advice
    }
}

extension AIOError: CustomStringConvertible {
    /// One line: what failed, on what, why, and what to do.
    public var description: String {
        var text = operation
        if let path { text += " of \(path)" }
        if let offset { text += " at offset \(offset)" }
        if let count { text += ", \(count) bytes" }
        text += ": \(code)"
        if let errno { text += " (\(errno), errno \(errno.rawValue))" }
        if !advice.isEmpty { text += ": \(advice)" }
        return text
    }
}

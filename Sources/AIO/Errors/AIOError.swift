public import SystemPackage

/// Why an operation failed, and what to do about it.
///
/// A task that was cancelled gets `CancellationError` instead.
public struct AIOError: Error, Sendable {
    /// The kind of failure, to decide by.
    public var code: Code
    /// The kernel's error number, if the kernel reported the failure.
    public var errno: Errno?
    /// What failed: "read", "write", "open" …
    public var operation: String
    /// The path of the file, if it is known.
    public var path: FilePath?
    /// The operation's offset in the file, in bytes, if it has one.
    public var offset: Int64?
    /// How many bytes the operation was to transfer, if it transfers bytes.
    public var count: Int?
    /// What the failure means and what helps against it, in a sentence; may be empty.
    public var advice: String

    /// Makes an error, for code of your own that reports failures in the same form.
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
    /// One line: what failed, on which file and range, why, and what to do.
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

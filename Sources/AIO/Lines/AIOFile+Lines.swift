extension AIOFile {
    /// Returns the file's lines, as text.
    ///
    /// A line ends with LF or CRLF, which is not part of it, or with the file. Bytes that are not UTF-8 are repaired as
    /// `String(decoding:as:)` does it: each invalid sequence becomes U+FFFD. Bytes are read by
    /// ``chunks(in:chunkLength:readAhead:)``; its statements on files that change, and on cancellation, hold here too.
    ///
    /// - Parameters:
    ///   - range: offsets in bytes; nil for the whole file. The first line begins at the start of the range.
    ///   - maximumLength: of a line, in bytes without its end, 0 and up. A longer line is an error, so that a
    ///     file without line ends does not fill the memory.
    /// - Returns: a sequence that throws what the chunks throw, ``AIOError/Code/invalidArgument`` for a negative
    ///   `maximumLength`, and ``AIOError/Code/lineTooLong`` with the offset at which the line begins. It ends after an
    ///   error.
    public func lines(in range: Range<Int64>? = nil, maximumLength: Int = 1 << 20) -> AIOLines {
        AIOLines(chunks: chunks(in: range), maximumLength: maximumLength)
    }
}

extension AIOFile {
    /// The file's lines, as text.
    ///
    /// A line ends with LF or CRLF, which is not part of it, or with the file. What is not UTF-8 is repaired as
    /// `String(decoding:as:)` does it: each broken sequence becomes U+FFFD. Bytes are read by
    /// ``chunks(in:chunkLength:readAhead:)``, and what is said there of files that change, and of cancellation,
    /// holds here.
    ///
    /// - Parameters:
    ///   - range: offsets in bytes; nil for the whole file. Where it begins, a line begins.
    ///   - maximumLength: of a line, in bytes without its end, 0 and up. A longer one is an error, so that a
    ///     file without line ends does not fill the memory.
    /// - Returns: a sequence that throws what the chunks throw, ``AIOError/Code/invalidArgument`` for a negative
    ///   `maximumLength`, and ``AIOError/Code/lineTooLong`` with the offset at which the line begins; nothing
    ///   comes after that.
    public func lines(in range: Range<Int64>? = nil, maximumLength: Int = 1 << 20) -> AIOLines {
        AIOLines(chunks: chunks(in: range), maximumLength: maximumLength)
    }
}

/// The lines of a file: see ``AIOFile/lines(in:maximumLength:)``.
public struct AIOLines: AsyncSequence, Sendable {
    public typealias Element = String
    public typealias Failure = any Error

    let chunks: AIOChunks
    let maximumLength: Int

    /// Begins anew at the start of the range; reads nothing yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Goes through the lines.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var lines: LineReader<AIOChunks.AsyncIterator>

        init(_ lines: AIOLines) {
            self.lines = LineReader(
                lines.chunks.makeAsyncIterator(), at: lines.chunks.range?.lowerBound ?? 0,
                maximumLength: lines.maximumLength, lines.chunks.file.details("reading lines"))
        }

        /// The next line; nil at the end, and after an error.
        public mutating func next() async throws -> String? { try await lines.next(isolation: nil) }

        /// The same, on the caller's actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
            try await lines.next(isolation: actor)
        }
    }
}

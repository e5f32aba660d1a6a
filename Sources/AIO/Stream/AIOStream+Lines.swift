extension AIOStream {
    /// Returns the stream's lines, as text, as they arrive.
    ///
    /// A line ends with LF or CRLF, which is not part of it, or with the stream. Bytes that are not UTF-8 are repaired
    /// as `String(decoding:as:)` does it.
    ///
    /// - Parameter maximumLength: of a line, in bytes without its end, 0 and up. A longer line is an error, so that
    ///   a stream without line ends does not fill the memory.
    /// - Returns: a sequence that throws what ``chunks(maximumLength:)`` throws, and
    ///   ``AIOError/Code/lineTooLong`` with the number of bytes that came before the line as its offset. Bytes behind
    ///   the last line returned may have been read already: they are lost with the iterator.
    public func lines(maximumLength: Int = 1 << 20) -> Lines { Lines(chunks: chunks(), maximumLength: maximumLength) }

    /// The lines of a stream: see ``AIOStream/lines(maximumLength:)``.
    public struct Lines: AsyncSequence, Sendable {
        public typealias Element = String
        public typealias Failure = any Error

        let chunks: Chunks
        let maximumLength: Int

        /// Makes an iterator that continues where the stream is. Nothing is read yet.
        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(
                lines: LineReader(
                    chunks.makeAsyncIterator(), at: 0, maximumLength: maximumLength, ErrorDetails("reading lines")))
        }

        /// Iterates over the lines.
        public struct AsyncIterator: AsyncIteratorProtocol {
            var lines: LineReader<Chunks.AsyncIterator>

            /// Returns the next line; nil at the end of the stream, and after an error.
            public mutating func next() async throws -> String? { try await lines.next(isolation: nil) }

            /// Returns the next line, on the caller's actor; nil at the end of the stream, and after an error.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
                try await lines.next(isolation: actor)
            }
        }
    }
}

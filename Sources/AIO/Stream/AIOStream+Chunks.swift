extension AIOStream {
    /// The stream's bytes as they come, to its end.
    ///
    /// ```swift
    /// for try await chunk in try AIOStream.standardInput.chunks() { count += chunk.count }
    /// ```
    /// Each chunk is what one ``read(count:)`` gives: what is there, 1 byte at least. Nothing is read before it is
    /// asked for, so that what a loop has not asked for stays in the pipe for the next reader. Several tasks that go
    /// through the chunks share the bytes.
    ///
    /// - Parameter maximumLength: of a chunk, in bytes, 1 and up; at most 1 MiB is read at once.
    /// - Returns: a sequence that throws what ``read(count:)`` throws, cancellation included, and
    ///   ``AIOError/Code/invalidArgument`` for a length below 1. It ends after an error.
    public func chunks(maximumLength: Int = 64 << 10) -> Chunks { Chunks(stream: self, maximumLength: maximumLength) }

    /// A stream's lines, as text, as they come.
    ///
    /// A line ends with LF or CRLF, which is not part of it, or with the stream. What is not UTF-8 is repaired as
    /// `String(decoding:as:)` does it.
    ///
    /// - Parameter maximumLength: of a line, in bytes without its end, 0 and up. A longer one is an error, so that
    ///   a stream without line ends does not fill the memory.
    /// - Returns: a sequence that throws what ``chunks(maximumLength:)`` throws, and
    ///   ``AIOError/Code/lineTooLong`` with the number of bytes that came before the line as its offset. Bytes behind
    ///   the last line handed out may be read already: they are lost with the iterator.
    public func lines(maximumLength: Int = 1 << 20) -> Lines { Lines(chunks: chunks(), maximumLength: maximumLength) }

    /// The bytes of a stream as they come: see ``AIOStream/chunks(maximumLength:)``.
    public struct Chunks: AsyncSequence, Sendable {
        public typealias Element = AIOBuffer
        public typealias Failure = any Error

        let stream: AIOStream
        let maximumLength: Int

        /// Goes on where the stream is; reads nothing yet.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: self) }

        /// Goes through the chunks.
        public struct AsyncIterator: AsyncIteratorProtocol {
            let chunks: Chunks
            private var isFinished = false

            init(chunks: Chunks) { self.chunks = chunks }

            /// What comes next; nil at the end of the stream, and after an error.
            public mutating func next() async throws -> AIOBuffer? { try await next(isolation: nil) }

            /// The same, on the caller's actor.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws -> AIOBuffer? {
                guard !isFinished else { return nil }
                isFinished = true
                let length = chunks.maximumLength
                guard length > 0 else {
                    throw ErrorDetails("read", count: length).error(
                        .invalidArgument, advice: "maximumLength is \(length); it must be 1 or more")
                }
                let bytes = try await chunks.stream.read(count: length)
                isFinished = bytes.isEmpty
                return bytes.isEmpty ? nil : bytes
            }
        }
    }

    /// The lines of a stream: see ``AIOStream/lines(maximumLength:)``.
    public struct Lines: AsyncSequence, Sendable {
        public typealias Element = String
        public typealias Failure = any Error

        let chunks: Chunks
        let maximumLength: Int

        /// Goes on where the stream is; reads nothing yet.
        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(
                lines: LineReader(
                    chunks.makeAsyncIterator(), at: 0, maximumLength: maximumLength, ErrorDetails("reading lines")))
        }

        /// Goes through the lines.
        public struct AsyncIterator: AsyncIteratorProtocol {
            var lines: LineReader<Chunks.AsyncIterator>

            /// The next line; nil at the end, and after an error.
            public mutating func next() async throws -> String? { try await lines.next(isolation: nil) }

            /// The same, on the caller's actor.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
                try await lines.next(isolation: actor)
            }
        }
    }
}

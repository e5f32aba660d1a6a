extension AIOStream {
    /// Returns the stream's bytes as they arrive, to the end of the stream.
    ///
    /// ```swift
    /// for try await chunk in try AIOStream.standardInput.chunks() { count += chunk.count }
    /// ```
    /// Each chunk is the result of one ``read(count:)``: the bytes that are available, at least 1. Nothing is read
    /// ahead of the loop, so bytes that the loop has not requested stay in the pipe for the next reader. If several
    /// tasks iterate over the chunks of a stream, each byte goes to one of them.
    ///
    /// - Parameter maximumLength: of a chunk, in bytes, 1 and up; at most 1 MiB is read at once.
    /// - Returns: a sequence that throws what ``read(count:)`` throws, cancellation included, and
    ///   ``AIOError/Code/invalidArgument`` for a length below 1. It ends after an error.
    public func chunks(maximumLength: Int = 64 << 10) -> Chunks { Chunks(stream: self, maximumLength: maximumLength) }

    /// The bytes of a stream as they arrive: see ``AIOStream/chunks(maximumLength:)``.
    public struct Chunks: AsyncSequence, Sendable {
        public typealias Element = AIOBuffer
        public typealias Failure = any Error

        let stream: AIOStream
        let maximumLength: Int

        /// Makes an iterator that continues where the stream is. Nothing is read yet.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: self) }

        /// Iterates over the chunks.
        public struct AsyncIterator: AsyncIteratorProtocol {
            let chunks: Chunks
            private var isFinished = false

            init(chunks: Chunks) { self.chunks = chunks }

            /// Returns the next chunk; nil at the end of the stream, and after an error.
            public mutating func next() async throws -> AIOBuffer? { try await next(isolation: nil) }

            /// Returns the next chunk, on the caller's actor; nil at the end of the stream, and after an error.
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
}

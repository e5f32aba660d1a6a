/// The lines of a file: see ``AIOFile/lines(in:maximumLength:)``.
public struct AIOLines: AsyncSequence, Sendable {
    public typealias Element = String
    public typealias Failure = any Error

    let chunks: AIOChunks
    let maximumLength: Int

    /// Makes an iterator that begins at the start of the range. Nothing is read yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Iterates over the lines.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private var lines: LineReader<AIOChunks.AsyncIterator>

        init(_ lines: AIOLines) {
            self.lines = LineReader(
                lines.chunks.makeAsyncIterator(), at: lines.chunks.range?.lowerBound ?? 0,
                maximumLength: lines.maximumLength, lines.chunks.file.details("reading lines"))
        }

        /// Returns the next line; nil at the end, and after an error.
        public mutating func next() async throws -> String? { try await lines.next(isolation: nil) }

        /// Returns the next line, on the caller's actor; nil at the end, and after an error.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
            try await lines.next(isolation: actor)
        }
    }
}

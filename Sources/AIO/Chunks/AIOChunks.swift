/// The bytes of a file in chunks: see ``AIOFile/chunks(in:chunkLength:readAhead:)``.
public struct AIOChunks: AsyncSequence, Sendable {
    public typealias Element = AIOBuffer
    public typealias Failure = any Error

    let file: AIOFile
    let range: Range<Int64>?
    let chunkLength: Int
    let readAhead: Int

    /// Returns the length of the first chunk in a range.
    func chunkLength(in range: Range<Int64>) -> Int {
        let (length, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        return overflow ? chunkLength : Int(Swift.min(Int64(chunkLength), length))
    }

    /// Makes an iterator that begins at the start of the range. Nothing is read yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(ChunkReader(self)) }

    /// Iterates over the chunks. Copies of an iterator share one position; reading ahead stops when the last is
    /// dropped.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let reader: ChunkReader

        init(_ reader: ChunkReader) { self.reader = reader }

        /// Returns the next chunk; nil at the end, and after an error.
        public mutating func next() async throws -> AIOBuffer? { try await reader.next() }

        /// Returns the next chunk, on the caller's actor; nil at the end, and after an error.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> AIOBuffer? {
            try await reader.next()
        }
    }
}

extension AIOFile {
    /// The file's bytes, a chunk at a time, with reads under way ahead of what is asked for.
    ///
    /// ```swift
    /// for try await chunk in file.chunks() { hash.update(chunk) }
    /// ```
    /// Every chunk has `chunkLength` bytes but the last, which may have fewer. On a direct file each is one
    /// `IOCB_CMD_PREAD` (widened where the range is not aligned). On a buffered one, what the page cache holds
    /// is copied when it is asked for, and reads go ahead from the first chunk on that it does not hold.
    ///
    /// The file may grow or shrink meanwhile: the bytes are those of reads at consecutive offsets, and they end
    /// where a read that was made when the chunk was asked for finds nothing more.
    ///
    /// - Parameters:
    ///   - range: offsets in bytes; nil for the whole file, to wherever its end is then.
    ///   - chunkLength: in bytes, 1 … 2,147,479,552.
    ///   - readAhead: reads under way, 0 … 1,024; 0 reads only when asked. Memory for so many chunks is held,
    ///     beside those that you hold.
    /// - Returns: a sequence that may be gone through any number of times, by several tasks too. It throws what
    ///   ``read(at:count:options:)`` throws, ``AIOError/Code/invalidArgument`` for parameters outside of these
    ///   limits, and `CancellationError` at once when the task is cancelled. After that, and when the iterator
    ///   goes, nothing more is read: what is queued is withdrawn, and what the kernel has is abandoned to it.
    public func chunks(
        in range: Range<Int64>? = nil, chunkLength: Int = 128 << 10, readAhead: Int = 4
    ) -> AIOChunks {
        AIOChunks(file: self, range: range, chunkLength: chunkLength, readAhead: readAhead)
    }
}

/// The bytes of a file in chunks: see ``AIOFile/chunks(in:chunkLength:readAhead:)``.
public struct AIOChunks: AsyncSequence, Sendable {
    public typealias Element = AIOBuffer
    public typealias Failure = any Error

    let file: AIOFile
    let range: Range<Int64>?
    let chunkLength: Int
    let readAhead: Int

    /// Begins anew at the start of the range; reads nothing yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(ChunkReader(self)) }

    /// Goes through the chunks. Copies share one position; the reads end with the last of them.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let reader: ChunkReader

        init(_ reader: ChunkReader) { self.reader = reader }

        /// The next chunk; nil at the end, and after an error.
        public mutating func next() async throws -> AIOBuffer? { try await reader.next() }

        /// The same, on the caller's actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> AIOBuffer? {
            try await reader.next()
        }
    }
}

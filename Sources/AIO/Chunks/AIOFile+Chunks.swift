extension AIOFile {
    /// Returns the file's bytes in chunks, and reads ahead of the loop that uses them.
    ///
    /// ```swift
    /// for try await chunk in file.chunks() { hash.update(chunk) }
    /// ```
    /// Every chunk has `chunkLength` bytes but the last, which may have fewer. On a direct file each is one
    /// `IOCB_CMD_PREAD` (widened where the range is not aligned). On a buffered file, a chunk that the page cache holds
    /// is copied when it is requested; the sequence reads ahead from the first chunk that the page cache does not hold.
    ///
    /// The file may grow or shrink meanwhile: the bytes are those of reads at consecutive offsets, and they end
    /// where a read that is made when a chunk is requested finds no more bytes.
    ///
    /// - Parameters:
    ///   - range: offsets in bytes; nil for the whole file, to its end at the time.
    ///   - chunkLength: in bytes, 1 … 2,147,479,552.
    ///   - readAhead: how many reads are under way ahead of the loop, 0 … 1,024; with 0 a chunk is read when it is
    ///     requested. Memory is held for that many chunks, beside those that the loop holds.
    /// - Returns: a sequence that can be iterated any number of times, by several tasks too. It throws what
    ///   ``read(at:count:options:)`` throws, ``AIOError/Code/invalidArgument`` for parameters outside of these
    ///   limits, and `CancellationError` at once when the task is cancelled. After an error, and when the iterator is
    ///   dropped, nothing more is read: reads that are pending are cancelled, those in the kernel abandoned.
    public func chunks(
        in range: Range<Int64>? = nil, chunkLength: Int = 128 << 10, readAhead: Int = 4
    ) -> AIOChunks {
        AIOChunks(file: self, range: range, chunkLength: chunkLength, readAhead: readAhead)
    }
}

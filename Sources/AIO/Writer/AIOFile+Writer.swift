extension AIOFile {
    /// Returns a writer of consecutive bytes, which writes them in chunks, several of them concurrently, while it
    /// collects more.
    ///
    /// On a direct file, offset and length need not be aligned: what lies before the first block boundary, and
    /// after the last one, is written through the page cache (see ``AIOFileWriter``). The length of the chunks is
    /// rounded up to a multiple of ``alignment`` there.
    ///
    /// - Parameters:
    ///   - offset: of the first byte, 0 and up; without meaning on a file that was opened for appending, where
    ///     one chunk at a time is written, to keep them in order.
    ///   - chunkLength: in bytes, 1 … 1 GiB.
    ///   - inFlight: how many chunks are written concurrently, 1 … 1,024. Memory is held for that many chunks, and for
    ///     the one that is being collected.
    /// - Returns: a writer. Parameters outside of these limits are reported by its first write, or by
    ///   ``AIOFileWriter/finish()``.
    public func writer(at offset: Int64 = 0, chunkLength: Int = 128 << 10, inFlight: Int = 4) -> AIOFileWriter {
        AIOFileWriter(self, at: offset, chunkLength: chunkLength, inFlight: inFlight)
    }
}

internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

extension AIOFile {
    /// Reads bytes: pread(2), as one `IOCB_CMD_PREAD` iocb on a direct file.
    ///
    /// On a direct file a range that is not aligned is widened to one that is, and the requested bytes are cut out of
    /// it. On a buffered file, a read of what the page cache holds is done inline.
    ///
    /// - Parameters:
    ///   - offset: the offset in the file, in bytes, 0 and up.
    ///   - count: how many bytes at most, 0 … 2,147,479,552.
    ///   - options: ``AIOOptions/noWait``, ``AIOOptions/highPriority`` and so on.
    /// - Returns: the bytes that the kernel returned: fewer at the end of the file, none past it.
    /// - Throws: ``AIOError``; `CancellationError` at once when the task is cancelled.
    public func read(at offset: Int64, count: Int, options: AIOOptions = []) async throws -> AIOBuffer {
        try beginUse(details("read", at: offset, count: count), at: offset, count: count)
        defer { lease.endUse() }
        guard count > 0 else { return AIOBuffer() }
        let span = AlignedSpan(offset, count, alignment.offset)
        guard let storage = BufferStorage(uninitialized: span.count) else {
            throw details("read", at: offset, count: count).error(.noMemory)
        }
        let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[..<span.count])
        let outcome = await transferIn(memory, at: span.offset, options.flags, owner: storage, policy: .abandon)
        let read = try outcome.get(details("read", at: offset, count: count))
        return AIOBuffer(storage, start: span.lead, count: min(max(0, read - span.lead), count))
    }

    /// Reads into a buffer's memory, `buffer.count` bytes at most: pread(2), as one `IOCB_CMD_PREAD` iocb on
    /// a direct file. Nothing is allocated.
    ///
    /// On a direct file, a range or memory that is not aligned is read through another buffer.
    ///
    /// - Parameters:
    ///   - offset: the offset in the file, in bytes, 0 and up.
    ///   - buffer: memory shared with another buffer is replaced first, so that the other one keeps its bytes.
    ///   - options: as of ``read(at:count:options:)``.
    /// - Returns: how many bytes were read, fewer at the end of the file. The buffer's bytes behind them are unchanged
    ///   on a buffered file; on a direct file the kernel may have set them to zero.
    /// - Throws: ``AIOError``; `CancellationError` when the task is cancelled, once the kernel no longer uses the
    ///   memory, whose bytes may then be the old ones or the file's.
    public func read(at offset: Int64, into buffer: inout AIOBuffer, options: AIOOptions = []) async throws -> Int {
        let count = buffer.count
        guard isAligned(offset: offset, count: count, address: buffer.bytes.baseAddress) else {
            let read = try await read(at: offset, count: count, options: options)
            buffer.replaceFirst(with: read)
            return read.count
        }
        try beginUse(details("read", at: offset, count: count), at: offset, count: count)
        defer { lease.endUse() }
        guard count > 0 else { return 0 }
        buffer.makeUnique()
        let outcome = await transferIn(
            buffer.bytes, at: offset, options.flags, owner: buffer.storage, policy: .waitThenCancel)
        return try outcome.get(details("read", at: offset, count: count))
    }

    /// Reads exactly `count` bytes, in as many operations as necessary.
    ///
    /// - Parameters:
    ///   - offset: the offset in the file, in bytes, 0 and up.
    ///   - count: how many bytes, 0 … 2,147,479,552.
    /// - Returns: a buffer of `count` bytes.
    /// - Throws: ``AIOError/Code/unexpectedEndOfFile`` when the file ends before; otherwise as
    ///   ``read(at:count:options:)``, cancellation included.
    public func readExactly(at offset: Int64, count: Int) async throws -> AIOBuffer {
        var whole = try await read(at: offset, count: count)
        // Memory for all the bytes is allocated only when a second read has shown that there are more: an enormous
        // count on a small file costs nothing.
        if caching == .direct || !whole.isEmpty { try await complete(&whole, from: offset, to: count) }
        guard whole.count == count else {
            throw details("read", at: offset, count: count).error(
                .unexpectedEndOfFile, advice: "the file ends after \(whole.count) of these bytes")
        }
        return whole
    }

    /// Reads from `offset` to the end of the file, or to `maximum` bytes: fstat(2) for an estimate of the size, then
    /// reads of up to 64 MiB until one is empty (and, on a direct file, fstat(2) confirms the end).
    ///
    /// - Parameters:
    ///   - offset: the offset in the file, in bytes, 0 and up.
    ///   - maximum: how many bytes at most, 0 and up.
    /// - Returns: the bytes; none if `offset` is at the end of the file or past it.
    /// - Throws: ``AIOError``, ``AIOError/Code/systemLimit`` among them for a file that does not fit in memory;
    ///   `CancellationError` at once when the task is cancelled. The bytes read so far are lost then.
    public func readToEnd(at offset: Int64 = 0, maximum: Int = .max) async throws -> AIOBuffer {
        guard offset >= 0, maximum >= 0 else {
            throw details("read", at: offset, count: maximum).error(
                .invalidArgument, advice: "negative offset or maximum")
        }
        // The size is only an estimate: the file may grow or shrink, and files of /proc report 0.
        let expected = Int(clamping: max(0, try await size() - offset))
        var whole = AIOBuffer()
        var emptyReads = 0
        while whole.count < maximum {
            let ahead = max(expected - whole.count, 64 << 10)
            let next = try await read(
                at: offset + Int64(whole.count),
                count: min(ahead, maximum - whole.count, 64 << 20, Int(.max - offset) - whole.count))
            if next.isEmpty {
                // A widened direct read that is short before the first requested byte looks like the end of the file.
                emptyReads += 1
                guard caching == .direct, emptyReads <= Self.maximumEmptyReads,
                    try await size() > offset + Int64(whole.count)
                else { break }
                continue
            }
            emptyReads = 0
            guard whole.append(next, reserving: min(expected, maximum)) else {
                throw details("read", at: offset, count: min(expected, maximum)).error(.noMemory)
            }
        }
        return whole
    }
}

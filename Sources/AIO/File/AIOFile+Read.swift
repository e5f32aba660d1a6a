internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

extension AIOFile {
    /// Reads bytes: pread(2), as one `IOCB_CMD_PREAD` iocb on a direct file.
    ///
    /// On a direct file a range that is not aligned is widened to one that is, and the bytes asked for are
    /// cut out of it. On a buffered one, what the page cache holds comes without a wait.
    ///
    /// - Parameters:
    ///   - offset: where in the file, in bytes, 0 and up.
    ///   - count: how many bytes at most, up to 2,147,479,552.
    ///   - options: ``AIOOptions/noWait``, ``AIOOptions/highPriority`` and so on.
    /// - Returns: what the kernel gave: fewer bytes at the end of the file, none past it.
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
    /// On a direct file, a range or a memory that is not aligned takes a buffer in between.
    ///
    /// - Parameters:
    ///   - offset: where in the file, in bytes, 0 and up.
    ///   - buffer: memory shared with another buffer is replaced first, so that the other one keeps its bytes.
    ///   - options: as of ``read(at:count:options:)``.
    /// - Returns: how many bytes were read, fewer at the end of the file. What lies behind them in the buffer
    ///   is as it was when buffered; on a direct file the kernel may have made zeros of it.
    /// - Throws: ``AIOError``; `CancellationError` when the task is cancelled, after the kernel has let go of
    ///   the memory, whose bytes may then be the old ones or the file's.
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

    /// Reads exactly `count` bytes, in as many operations as that takes.
    ///
    /// - Parameters:
    ///   - offset: where in the file, in bytes, 0 and up.
    ///   - count: how many bytes, up to 2,147,479,552.
    /// - Throws: ``AIOError/Code/unexpectedEndOfFile`` when the file ends before; otherwise as
    ///   ``read(at:count:options:)``, cancellation included.
    public func readExactly(at offset: Int64, count: Int) async throws -> AIOBuffer {
        var whole = try await read(at: offset, count: count)
        // Memory for all of it is taken once a second read has shown that there is more: an enormous count on
        // a small file costs nothing.
        if caching == .direct || !whole.isEmpty { try await complete(&whole, from: offset, to: count) }
        guard whole.count == count else {
            throw details("read", at: offset, count: count).error(
                .unexpectedEndOfFile, advice: "the file ends after \(whole.count) of these bytes")
        }
        return whole
    }

    /// Reads from `offset` to the end of the file, or `maximum` bytes of it: fstat(2) for a first guess at the
    /// size, then reads of up to 64 MiB until one is empty (and, on a direct file, fstat(2) says so as well).
    ///
    /// - Parameters:
    ///   - offset: where in the file, in bytes, 0 and up.
    ///   - maximum: in bytes, 0 and up.
    /// - Throws: ``AIOError``, ``AIOError/Code/systemLimit`` among them for a file that memory cannot hold;
    ///   `CancellationError` at once when the task is cancelled. What was read so far is lost then.
    public func readToEnd(at offset: Int64 = 0, maximum: Int = .max) async throws -> AIOBuffer {
        guard offset >= 0, maximum >= 0 else {
            throw details("read", at: offset, count: maximum).error(
                .invalidArgument, advice: "negative offset or maximum")
        }
        // The size is a guess only: the file may grow or shrink, and those of /proc say 0.
        let expected = Int(clamping: max(0, try await size() - offset))
        var whole = AIOBuffer()
        var emptyReads = 0
        while whole.count < maximum {
            let ahead = max(expected - whole.count, 64 << 10)
            let next = try await read(
                at: offset + Int64(whole.count),
                count: min(ahead, maximum - whole.count, 64 << 20, Int(.max - offset) - whole.count))
            if next.isEmpty {
                // A direct read that came short before its own first byte looks like the end.
                emptyReads += 1
                guard caching == .direct, emptyReads <= Self.mostEmptyReads,
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

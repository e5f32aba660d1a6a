internal import AIOEngine
internal import CAIOShims
internal import Synchronization

extension AIOFile {
    /// Writes bytes one behind the other, in chunks of which several are under way while more are gathered.
    ///
    /// On a direct file, offset and length need not be aligned: what lies before the first block boundary, and
    /// after the last one, is written through the page cache (see ``AIOFileWriter``). The chunks are
    /// a multiple of ``alignment`` there, rounded up.
    ///
    /// - Parameters:
    ///   - offset: of the first byte, 0 and up; without meaning on a file that was opened for appending, where
    ///     one chunk at a time is under way, to keep them in order.
    ///   - chunkLength: in bytes, 1 … 1 GiB.
    ///   - inFlight: chunks under way, 1 … 1,024. Memory for so many is held, and for the one that is gathered.
    /// - Returns: a writer; what makes no sense is told by its first write, or by ``AIOFileWriter/finish()``.
    public func writer(at offset: Int64 = 0, chunkLength: Int = 128 << 10, inFlight: Int = 4) -> AIOFileWriter {
        AIOFileWriter(self, at: offset, chunkLength: chunkLength, inFlight: inFlight)
    }
}

/// Write-behind: see ``AIOFile/writer(at:chunkLength:inFlight:)``.
///
/// ```swift
/// let writer = file.writer()
/// for try await chunk in source.chunks() { try await writer.write(chunk) }
/// try await writer.finish()
/// ```
/// A write returns when its bytes are taken over, which is before they are in the file. ``finish()`` writes
/// what is left, waits, and tells of errors: it must be called. A writer that is dropped without it loses the
/// bytes that do not make a chunk yet; chunks under way still get to the file, but nobody hears of an error.
/// ``AIOProcess/unfinishedWriters`` counts those.
///
/// **Unaligned ends of direct files** go through the page cache, by a second open file description without
/// `O_DIRECT` (open(2) of /proc/self/fd, so /proc is needed, and the right to write the file still): the first
/// bytes before anything else, the last ones when all others are in the file. No padding is ever in the file,
/// and none has to be cut off: a concurrent reader finds a file that grows to its true size, and a crash leaves
/// one that is shorter, never longer. As with all writes, ``AIOFile/synchronize(_:)`` makes it durable, those
/// ends included.
///
/// Tasks may share a writer; each write's bytes stay together.
public final class AIOFileWriter: Sendable {
    /// The file that it writes to.
    public let file: AIOFile
    private let core: WriterCore
    private let mutex = AsyncMutex()
    private let input: WriterInput

    init(_ file: AIOFile, at offset: Int64, chunkLength: Int, inFlight: Int) {
        self.file = file
        core = WriterCore(file)
        input = WriterInput(file, at: offset, chunkLength: chunkLength, inFlight: inFlight)
    }

    deinit {
        if !core.withLedger({ $0.isFinished }) { LiveCounts.unfinishedWriters.add(1, ordering: .relaxed) }
    }

    /// Takes a buffer over: without a copy where it makes whole chunks.
    ///
    /// - Throws: the first error so far of any chunk, in the file's order, from then on in every call;
    ///   ``AIOError/Code/closed`` after ``finish()``; `CancellationError`, and nothing was taken over, when the
    ///   task is cancelled already. It waits for a chunk to end when as many as may be are under way, and a
    ///   cancellation does not cut that short.
    public func write(_ buffer: AIOBuffer) async throws {
        await mutex.lock()
        defer { mutex.unlock() }
        try checkOpen()
        if Task.isCancelled { throw file.details("write").cancellation }
        var rest = buffer
        while !rest.isEmpty {
            guard let chunk = try take(&rest, of: buffer.count) else { continue }
            do {
                try await put(chunk)
            } catch {
                fail(chunk.offset..<(chunk.offset + Int64(chunk.bytes.count)), error)
                throw error
            }
        }
    }

    /// The same with bytes that are copied.
    public func write(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        try await write(AIOBuffer(copying: bytes))
    }

    /// Writes what is left and waits until all is in the file (not on the medium: that is
    /// ``AIOFile/synchronize(_:)``).
    ///
    /// - Returns: the offset behind the last byte. Later calls return the same, or throw the same.
    /// - Throws: of all that failed what lies first in the file: an ``AIOError`` whose offset and count are the
    ///   range that did not get there; all before it did. ``unwrittenRanges`` has the others.
    ///   `CancellationError` when the task is cancelled already: what is under way is waited for, the rest left out.
    @discardableResult public func finish() async throws -> Int64 {
        await mutex.lock()
        defer { mutex.unlock() }
        if !core.withLedger({ $0.isFinished }) {
            await finishInput()
            core.withLedger { $0.isFinished = true }
        }
        if let failure = core.withLedger({ $0.first }) { throw failure.error }
        try input.check()
        return input.position
    }

    /// What was taken over and is known not to have got to the file: offsets in bytes, in order. Final once
    /// ``finish()`` has ended.
    public var unwrittenRanges: [Range<Int64>] { core.withLedger { $0.unwritten } }

    private func finishInput() async {
        if let gathered = input.takeRest() {
            var (rest, offset) = gathered
            let end = offset + Int64(rest.count)
            // On a direct file the last bytes may not make a block.
            let edge = input.isInsideBlock(offset) ? 0 : rest.count % file.alignment.offset
            let whole = rest.removeFirst(rest.count - edge)
            do {
                if Task.isCancelled { throw file.details("write", at: offset, count: whole.count + edge).cancellation }
                if !whole.isEmpty { try await put((whole, offset)) }
                offset += Int64(whole.count)
                if edge > 0 { try await putEdge((rest, offset)) }
            } catch {
                fail(offset..<end, error)
            }
        }
        await core.wait(forAtMost: 0)
    }

    /// Takes over some of what is left of a write. Without memory for it, what was taken over before must not look
    /// like the whole.
    private func take(_ rest: inout AIOBuffer, of count: Int) throws -> WriterInput.Chunk? {
        do {
            return try input.take(&rest)
        } catch {
            if rest.count < count { fail(input.position..<(input.position + Int64(rest.count)), error) }
            throw error
        }
    }

    /// Starts to write a chunk, as soon as one more may be under way.
    private func put(_ chunk: WriterInput.Chunk) async throws {
        guard !input.isInsideBlock(chunk.offset) else { return try await putEdge(chunk) }
        await core.wait(forAtMost: input.inFlight - 1)
        if let failure = core.withLedger({ $0.first }) { throw failure.error }
        core.start(chunk.bytes, at: chunk.offset)
    }

    /// Writes bytes that do not make a block, when all others are in the file: they may share a page.
    private func putEdge(_ chunk: WriterInput.Chunk) async throws {
        await core.wait(forAtMost: 0)
        if let failure = core.withLedger({ $0.first }) { throw failure.error }
        // In a task of its own: the lane takes nothing from one that is cancelled, and these bytes were taken over.
        try await Task { [file] in try await file.writeBuffered(chunk.bytes, at: chunk.offset) }.value
    }

    private func fail(_ range: Range<Int64>, _ error: any Error) {
        core.withLedger { $0.failed(WriterLedger.Failure(range: range, error: error)) }
    }

    private func checkOpen() throws {
        let (isFinished, failure) = core.withLedger { ($0.isFinished, $0.first) }
        guard !isFinished else {
            throw file.details("write").error(.closed, advice: "the writer was finished; make another one")
        }
        if let failure { throw failure.error }
        try input.check()
    }
}

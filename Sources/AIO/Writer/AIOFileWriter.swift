internal import AIOEngine
internal import CAIOShims
internal import Synchronization

/// Writes behind its caller: see ``AIOFile/writer(at:chunkLength:inFlight:)``.
///
/// ```swift
/// let writer = file.writer()
/// for try await chunk in source.chunks() { try await writer.write(chunk) }
/// try await writer.finish()
/// ```
/// A write returns when the writer has accepted its bytes, which is before they are in the file. ``finish()`` writes
/// the remaining bytes, waits, and reports errors: it must be called. A writer that is dropped without it loses the
/// bytes that do not fill a chunk yet; chunks in flight still get to the file, but their errors go unreported.
/// ``AIOProcess/unfinishedWriters`` counts such writers.
///
/// **Unaligned ends of direct files** are written through the page cache, by a second open file description without
/// `O_DIRECT` (open(2) of /proc/self/fd, which requires /proc, and that the process may still write the file): the
/// first bytes before anything else, the last ones when all others are in the file. The file never contains padding
/// that had to be cut off: a concurrent reader sees a file that grows to its true size, and a crash leaves one that is
/// shorter, never longer. As with all writes, ``AIOFile/synchronize(_:)`` makes the file durable, those ends included.
///
/// Tasks may share a writer; the bytes of each write stay together.
public final class AIOFileWriter: Sendable {
    /// The file that the writer writes to.
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

    /// Accepts a buffer; its bytes are not copied where they make whole chunks.
    ///
    /// It waits for a chunk to complete when `inFlight` chunks are in flight; task cancellation does not cut that
    /// short.
    ///
    /// - Parameter buffer: the bytes that follow those of the previous write, any number.
    /// - Throws: of all errors so far, the one that lies first in the file, from then on in every call;
    ///   ``AIOError/Code/closed`` after ``finish()``; `CancellationError` if the task was cancelled before the call,
    ///   which then accepts nothing.
    public func write(_ buffer: AIOBuffer) async throws {
        await mutex.lock()
        defer { mutex.unlock() }
        try checkOpen()
        if Task.isCancelled { throw file.details("write").cancellation }
        var rest = buffer
        while !rest.isEmpty {
            guard let chunk = try accept(&rest, of: buffer.count) else { continue }
            do {
                try await start(chunk)
            } catch {
                fail(chunk.offset..<(chunk.offset + Int64(chunk.bytes.count)), error)
                throw error
            }
        }
    }

    /// Accepts the bytes of a sequence, which are copied; otherwise as ``write(_:)-(AIOBuffer)``.
    public func write(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        try await write(AIOBuffer(copying: bytes))
    }

    /// Writes the remaining bytes and waits until all bytes are in the file (not on the medium: that is
    /// ``AIOFile/synchronize(_:)``).
    ///
    /// - Returns: the offset behind the last byte. Later calls return the same, or throw the same.
    /// - Throws: of all errors, the one that lies first in the file: an ``AIOError`` whose offset and count are the
    ///   range that did not get to the file; all bytes before it did. ``unwrittenRanges`` has the other ranges.
    ///   `CancellationError` if the task was cancelled before the call: chunks in flight are awaited, the remaining
    ///   bytes are not written.
    @discardableResult public func finish() async throws -> Int64 {
        await mutex.lock()
        defer { mutex.unlock() }
        if !core.withLedger({ $0.isFinished }) {
            await finishInput()
            core.withLedger { $0.isFinished = true }
        }
        if let failure = core.withLedger({ $0.firstFailure }) { throw failure.error }
        try input.check()
        return input.position
    }

    /// The accepted bytes that are known not to have got to the file: offsets in bytes, in order. Final once
    /// ``finish()`` has returned or thrown.
    public var unwrittenRanges: [Range<Int64>] { core.withLedger { $0.unwritten } }

    private func finishInput() async {
        if let collected = input.removeCollected() {
            var (rest, offset) = collected
            let end = offset + Int64(rest.count)
            // On a direct file the last bytes may not fill a block.
            let edge = input.isInsideBlock(offset) ? 0 : rest.count % file.alignment.offset
            let whole = rest.removeFirst(rest.count - edge)
            do {
                if Task.isCancelled { throw file.details("write", at: offset, count: whole.count + edge).cancellation }
                if !whole.isEmpty { try await start((whole, offset)) }
                offset += Int64(whole.count)
                if edge > 0 { try await writeEdge((rest, offset)) }
            } catch {
                fail(offset..<end, error)
            }
        }
        await core.wait(forAtMost: 0)
    }

    /// Accepts some of the remaining bytes of a write.
    ///
    /// If that fails after other bytes of the write were accepted, the rest is recorded as failed: the part must not
    /// look like the whole.
    private func accept(_ rest: inout AIOBuffer, of count: Int) throws -> WriterInput.Chunk? {
        do {
            return try input.accept(&rest)
        } catch {
            if rest.count < count { fail(input.position..<(input.position + Int64(rest.count)), error) }
            throw error
        }
    }

    /// Starts to write a chunk, as soon as one more may be in flight.
    private func start(_ chunk: WriterInput.Chunk) async throws {
        guard !input.isInsideBlock(chunk.offset) else { return try await writeEdge(chunk) }
        await core.wait(forAtMost: input.inFlight - 1)
        if let failure = core.withLedger({ $0.firstFailure }) { throw failure.error }
        core.start(chunk.bytes, at: chunk.offset)
    }

    /// Writes bytes that do not fill a block, when all others are in the file: they may share a page with them.
    private func writeEdge(_ chunk: WriterInput.Chunk) async throws {
        await core.wait(forAtMost: 0)
        if let failure = core.withLedger({ $0.firstFailure }) { throw failure.error }
        // In a task of its own: the blocking pool refuses work of a cancelled task, and these bytes were accepted.
        try await Task { [file] in try await file.writeBuffered(chunk.bytes, at: chunk.offset) }.value
    }

    private func fail(_ range: Range<Int64>, _ error: any Error) {
        core.withLedger { $0.failed(WriterLedger.Failure(range: range, error: error)) }
    }

    private func checkOpen() throws {
        let (isFinished, failure) = core.withLedger { ($0.isFinished, $0.firstFailure) }
        guard !isFinished else {
            throw file.details("write").error(.closed, advice: "the writer was finished; make another one")
        }
        if let failure { throw failure.error }
        try input.check()
    }
}

internal import AIOEngine
internal import SystemPackage

/// Reads a file in chunks, for an iterator of ``AIOChunks``.
final class ChunkReader {
    private static let maximumReadAhead = 1024

    private let chunks: AIOChunks
    private let ring: ReadRing
    private var window: ReadWindow
    private var isFinished = false
    private var wasChecked = false

    init(_ chunks: AIOChunks) {
        self.chunks = chunks
        let capacity = min(max(1, chunks.readAhead), Self.maximumReadAhead)
        ring = ReadRing(chunks.file, capacity: capacity)
        window = ReadWindow(chunks.range ?? 0..<(.max), chunkLength: max(1, chunks.chunkLength), capacity: capacity)
    }

    deinit { stop() }

    /// Returns the next chunk; nil at the end, and after an error.
    func next() async throws -> AIOBuffer? {
        guard !isFinished else { return nil }
        do {
            let chunk = try await nextChunk()
            if chunk.isEmpty { stop() }
            return chunk.isEmpty ? nil : chunk
        } catch {
            stop()
            throw error
        }
    }

    /// Cancels the reads that are under way. No further ones are started.
    private func stop() {
        isFinished = true
        for position in 0..<window.count { ring.cancel(window.index(position)) }
        while window.count > 0 { window.removeOldest() }
    }

    /// Returns the next chunk; an empty one at the end.
    private func nextChunk() async throws -> AIOBuffer {
        try check()
        if Task.isCancelled { throw details().cancellation }
        fill()
        guard let planned = window.oldest else { return AIOBuffer() }
        await ring.wait(for: planned.index)
        let read = ring.removeRead(planned.index)
        window.removeOldest()
        var chunk = try bytes(of: read, planned)
        // Further reads start now, before the rest of this chunk is awaited and before the caller works on the chunk.
        if chunk.count == planned.count, chunks.readAhead > 0, window.count > 0 || !read.isInline { fill() }
        // A short chunk may be the end of the file, or the file may have grown since: another read finds out.
        try await chunks.file.complete(&chunk, from: planned.offset, to: planned.count)
        if chunk.count < planned.count { stop() }
        return chunk
    }

    /// Starts reads until the window is full, or until one was done inline: a page cache hit is not read ahead, as its
    /// copy costs the same whenever it is made.
    private func fill() {
        // Behind a short read there are no bytes, as far as is known.
        for position in 0..<window.count where ring.isShort(window.index(position)) { return }
        // Nothing is started behind a read that was refused just now either: it would compete for a permit with that
        // read when it is retried.
        while let planned = window.add(), !ring.start(planned), !ring.isShort(planned.index) {}
    }

    private func bytes(of read: ReadRing.Read, _ planned: PlannedRead) throws -> AIOBuffer {
        let outcome = read.outcome
        // A read ahead that was refused, or has failed temporarily, is retried now: as with a short read, by reading
        // the rest of the chunk.
        if outcome == .overloaded || (outcome.errno.map(isWorthRetrying) ?? false) { return AIOBuffer() }
        return try read.bytes(details(planned.offset, planned.count))
    }

    /// Whether the failure of a read ahead is one that the context's policy retries.
    private func isWorthRetrying(_ errno: Errno) -> Bool {
        chunks.file.context.configuration.retry?.failures.covers(errno) ?? false
    }

    private func details(_ offset: Int64? = nil, _ count: Int? = nil) -> ErrorDetails {
        chunks.file.details("read", at: offset ?? window.position, count: count)
    }

    /// Checks the parameters when the first chunk is requested, as making the sequence cannot throw.
    private func check() throws {
        guard !wasChecked else { return }
        wasChecked = true
        guard chunks.chunkLength > 0 else {
            throw details().error(
                .invalidArgument, advice: "chunkLength is \(chunks.chunkLength); it must be 1 or more")
        }
        guard chunks.readAhead >= 0, chunks.readAhead <= Self.maximumReadAhead else {
            throw details().error(
                .invalidArgument,
                advice: "readAhead is \(chunks.readAhead); it must be between 0 and \(Self.maximumReadAhead)")
        }
        let range = chunks.range ?? 0..<1
        try chunks.file.beginUse(
            details(range.lowerBound), at: range.lowerBound, count: range.isEmpty ? 0 : chunks.chunkLength(in: range))
        chunks.file.lease.endUse()
    }
}

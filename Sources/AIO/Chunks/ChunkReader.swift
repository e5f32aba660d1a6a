internal import AIOEngine
internal import SystemPackage

/// Goes through a file in chunks: what an iterator of ``AIOChunks`` holds.
final class ChunkReader {
    private static let mostReadAhead = 1024

    private let chunks: AIOChunks
    private let ring: ReadRing
    private var window: ReadWindow
    private var isFinished = false
    private var wasChecked = false

    init(_ chunks: AIOChunks) {
        self.chunks = chunks
        let capacity = min(max(1, chunks.readAhead), Self.mostReadAhead)
        ring = ReadRing(chunks.file, capacity: capacity)
        window = ReadWindow(chunks.range ?? 0..<(.max), chunkLength: max(1, chunks.chunkLength), capacity: capacity)
    }

    deinit { stop() }

    /// The next chunk; nil at the end.
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

    /// Nothing more is read.
    private func stop() {
        isFinished = true
        for number in 0..<window.count { ring.cancel(window.index(number)) }
        while window.count > 0 { window.removeOldest() }
    }

    /// Empty at the end.
    private func nextChunk() async throws -> AIOBuffer {
        try check()
        if Task.isCancelled { throw details().cancellation }
        fill()
        guard let place = window.oldest else { return AIOBuffer() }
        await ring.wait(for: place.index)
        let read = ring.take(place.index)
        window.removeOldest()
        var chunk = try bytes(of: read, place)
        // Before what is left of this chunk is waited for, and before the caller works on it.
        if chunk.count == place.count, chunks.readAhead > 0, window.count > 0 || !read.isInline { fill() }
        // A short chunk may be the end of the file, or not the end any more: a look at it now tells.
        try await chunks.file.complete(&chunk, from: place.offset, to: place.count)
        if chunk.count < place.count { stop() }
        return chunk
    }

    /// Begins reads until the window is full. What the page cache gives on the spot is not read ahead of: it
    /// costs a copy whenever it is done.
    private func fill() {
        // Past a read that came short there is nothing, as far as is known.
        for number in 0..<window.count where ring.isShort(window.index(number)) { return }
        // Nor past one that was refused just now: what is started behind it could have the place in the queue that it
        // needs when it is made again.
        while let place = window.add(), !ring.start(place), !ring.isShort(place.index) {}
    }

    private func bytes(of read: ReadRing.Read, _ place: ReadWindow.Place) throws -> AIOBuffer {
        let outcome = read.outcome
        // Refused or failed in passing while nobody waited for it: it is tried once more now.
        if outcome == .overloaded || (outcome.errno.map(isWorthRetrying) ?? false) { return AIOBuffer() }
        return try read.bytes(details(place.offset, place.count))
    }

    /// Whether a failure of a read that nobody waited for is better tried again.
    private func isWorthRetrying(_ errno: Errno) -> Bool {
        chunks.file.context.configuration.retry?.failures.covers(errno) ?? false
    }

    private func details(_ offset: Int64? = nil, _ count: Int? = nil) -> ErrorDetails {
        chunks.file.details("read", at: offset ?? window.position, count: count)
    }

    /// What makes no sense is told here, as making the sequence cannot throw.
    private func check() throws {
        guard !wasChecked else { return }
        wasChecked = true
        guard chunks.chunkLength > 0 else {
            throw details().error(
                .invalidArgument, advice: "chunkLength is \(chunks.chunkLength); it must be 1 or more")
        }
        guard chunks.readAhead >= 0, chunks.readAhead <= Self.mostReadAhead else {
            throw details().error(
                .invalidArgument,
                advice: "readAhead is \(chunks.readAhead); it must be between 0 and \(Self.mostReadAhead)")
        }
        let range = chunks.range ?? 0..<1
        try chunks.file.beginUse(
            details(range.lowerBound), at: range.lowerBound, count: range.isEmpty ? 0 : chunks.chunkLength(in: range))
        chunks.file.lease.endUse()
    }
}

extension AIOChunks {
    /// Of the first chunk in a range.
    func chunkLength(in range: Range<Int64>) -> Int {
        let (length, overflow) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
        return overflow ? chunkLength : Int(Swift.min(Int64(chunkLength), length))
    }
}

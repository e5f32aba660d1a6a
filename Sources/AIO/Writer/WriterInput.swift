internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Collects the bytes that a writer accepts into chunks.
final class WriterInput: @unchecked Sendable {
    // Unchecked: it belongs to the task that holds the writer's mutex.
    typealias Chunk = (bytes: AIOBuffer, offset: Int64)

    private static let longestChunk = 1 << 30
    private static let maximumInFlight = 1024

    private let file: AIOFile
    private let chunkLength: Int
    /// How many chunks may be in flight.
    let inFlight: Int
    private var collected: BufferStorage?
    private var filled = 0
    /// The offset of the first collected byte in the file.
    private var start: Int64
    /// What is wrong with the writer's parameters.
    private let invalidParameter: String?

    init(_ file: AIOFile, at offset: Int64, chunkLength: Int, inFlight: Int) {
        self.file = file
        let unit = file.alignment.offset
        let length = min(max(1, chunkLength), Self.longestChunk)
        self.chunkLength = (length + unit - 1) / unit * unit
        // Appended bytes are in the file in the order in which the appends reach it.
        self.inFlight = file.isAppending ? 1 : min(max(1, inFlight), Self.maximumInFlight)
        start = file.isAppending ? 0 : offset
        invalidParameter =
            if offset < 0 {
                "the offset, \(offset), is negative"
            } else if !(1...Self.longestChunk).contains(chunkLength) {
                "chunkLength is \(chunkLength); it must be between 1 and \(Self.longestChunk)"
            } else if !(1...Self.maximumInFlight).contains(inFlight) {
                "inFlight is \(inFlight); it must be between 1 and \(Self.maximumInFlight)"
            } else {
                nil
            }
    }

    /// Throws if a parameter of the writer is invalid.
    func check() throws {
        guard let invalidParameter else { return }
        throw file.details("write", at: start).error(.invalidArgument, advice: invalidParameter)
    }

    /// The offset behind the last accepted byte.
    var position: Int64 { start + Int64(filled) }

    /// Whether an offset is one at which a direct write cannot begin.
    func isInsideBlock(_ offset: Int64) -> Bool { !file.isAppending && offset % Int64(file.alignment.offset) != 0 }

    /// Accepts bytes from the front of `rest`, and removes them: as many as fill a chunk, or all.
    ///
    /// - Returns: the chunk, if it is full.
    func accept(_ rest: inout AIOBuffer) throws -> Chunk? {
        guard position <= .max - Int64(rest.count) else {
            throw file.details("write", at: position, count: rest.count).error(
                .invalidArgument, advice: "offset and count add up to more than any file holds")
        }
        // The first chunk ends at a block's boundary, if it does not begin at one.
        let unit = Int64(file.alignment.offset)
        let length = isInsideBlock(start) ? Int(unit - start % unit) : chunkLength
        if filled == 0, rest.count >= length, isAligned(rest) { return chunk(rest.removeFirst(length)) }
        let count = min(length - filled, rest.count)
        let storage = try storage(length)
        rest.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { memcpy(storage.memory.baseAddress! + filled, source, count) }
        }
        _ = rest.removeFirst(count)
        filled += count
        return filled == length ? removeCollected() : nil
    }

    /// Removes the collected bytes, also if they do not fill a chunk, and returns them; nil if there are none.
    func removeCollected() -> Chunk? {
        guard filled > 0, let collected else { return nil }
        defer { (self.collected, filled) = (nil, 0) }
        return chunk(AIOBuffer(collected, start: 0, count: filled))
    }

    private func chunk(_ bytes: AIOBuffer) -> Chunk {
        defer { start += Int64(bytes.count) }
        return (bytes, start)
    }

    private func storage(_ length: Int) throws -> BufferStorage {
        if let collected { return collected }
        guard let made = BufferStorage(uninitialized: length) else {
            throw file.details("write", at: start, count: length).error(.noMemory)
        }
        collected = made
        return made
    }

    private func isAligned(_ buffer: AIOBuffer) -> Bool {
        Int(bitPattern: buffer.bytes.baseAddress) % file.alignment.memory == 0
    }
}

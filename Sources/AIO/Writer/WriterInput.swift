internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Gathers what a writer is given into chunks. Belongs to whoever has the writer's turn.
final class WriterInput: @unchecked Sendable {
    // Sendable by hand: see above.
    typealias Chunk = (bytes: AIOBuffer, offset: Int64)

    private static let longestChunk = 1 << 30
    private static let mostInFlight = 1024

    private let file: AIOFile
    private let chunkLength: Int
    /// Chunks that may be under way.
    let inFlight: Int
    private var gathered: BufferStorage?
    private var filled = 0
    /// Where the first byte goes that is gathered.
    private var start: Int64
    /// What makes no sense about the writer.
    private let nonsense: String?

    init(_ file: AIOFile, at offset: Int64, chunkLength: Int, inFlight: Int) {
        self.file = file
        let unit = file.alignment.offset
        let length = min(max(1, chunkLength), Self.longestChunk)
        self.chunkLength = (length + unit - 1) / unit * unit
        // The order of two appends is the order in which they reach the file.
        self.inFlight = file.isAppending ? 1 : min(max(1, inFlight), Self.mostInFlight)
        start = file.isAppending ? 0 : offset
        nonsense =
            if offset < 0 {
                "the offset, \(offset), is negative"
            } else if !(1...Self.longestChunk).contains(chunkLength) {
                "chunkLength is \(chunkLength); it must be between 1 and \(Self.longestChunk)"
            } else if !(1...Self.mostInFlight).contains(inFlight) {
                "inFlight is \(inFlight); it must be between 1 and \(Self.mostInFlight)"
            } else {
                nil
            }
    }

    func check() throws {
        if let nonsense { throw file.details("write", at: start).error(.invalidArgument, advice: nonsense) }
    }

    /// Behind the last byte that was taken.
    var position: Int64 { start + Int64(filled) }

    /// Whether a direct write could not begin there.
    func isInsideBlock(_ offset: Int64) -> Bool { !file.isAppending && offset % Int64(file.alignment.offset) != 0 }

    /// Takes bytes from the front of `rest`: as many as make a chunk, or all.
    ///
    /// - Returns: the chunk, if that made one.
    func take(_ rest: inout AIOBuffer) throws -> Chunk? {
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
        return filled == length ? takeRest() : nil
    }

    /// What is gathered, and does not make a chunk; nil when that is nothing.
    func takeRest() -> Chunk? {
        guard filled > 0, let gathered else { return nil }
        defer { (self.gathered, filled) = (nil, 0) }
        return chunk(AIOBuffer(gathered, start: 0, count: filled))
    }

    private func chunk(_ bytes: AIOBuffer) -> Chunk {
        defer { start += Int64(bytes.count) }
        return (bytes, start)
    }

    private func storage(_ length: Int) throws -> BufferStorage {
        if let gathered { return gathered }
        guard let made = BufferStorage(uninitialized: length) else {
            throw file.details("write", at: start, count: length).error(.noMemory)
        }
        gathered = made
        return made
    }

    private func isAligned(_ buffer: AIOBuffer) -> Bool {
        Int(bitPattern: buffer.bytes.baseAddress) % file.alignment.memory == 0
    }
}

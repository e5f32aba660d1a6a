internal import Glibc

/// Cuts chunks of bytes into lines: a value that does no I/O.
struct LineSplitter {
    enum Step: Equatable {
        case line(String)
        /// All of the chunk was looked at, and its last line has no end yet.
        case needsMore
        /// The line that begins at this offset is longer than allowed.
        case tooLong(at: Int64)
    }

    private let maximumLength: Int
    private var chunk = AIOBuffer()
    /// Where in `chunk` the next line begins, or goes on.
    private var position = 0
    /// The beginning of a line whose end is in a chunk to come.
    private var carry: [UInt8] = []
    /// Where in the file the line begins.
    private var lineOffset: Int64

    /// - Parameter maximumLength: in bytes, without the line's end.
    init(at offset: Int64, maximumLength: Int) {
        lineOffset = offset
        self.maximumLength = maximumLength
    }

    /// The next bytes, after ``next()`` has asked for them.
    mutating func feed(_ chunk: AIOBuffer) {
        self.chunk = chunk
        position = 0
    }

    mutating func next() -> Step {
        let bytes = UnsafeRawBufferPointer(chunk.bytes)
        defer { withExtendedLifetime(chunk.storage) {} }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        guard let start = rest.baseAddress, let newline = memchr(start, 0x0a, rest.count) else {
            return keep(rest)
        }
        let length = UnsafeRawPointer(newline) - start
        position += length + 1
        return line(endingWith: UnsafeRawBufferPointer(start: start, count: length))
    }

    /// The last line, which has no end; nil when there is none.
    mutating func finish() -> Step? {
        guard !carry.isEmpty else { return nil }
        guard carry.count <= maximumLength else { return .tooLong(at: lineOffset) }
        defer { carry = [] }
        return .line(String(decoding: carry, as: UTF8.self))
    }

    private mutating func keep(_ rest: UnsafeRawBufferPointer) -> Step {
        let length = carry.count + rest.count
        // One more may be the carriage return of the line's end.
        let last = rest.last ?? carry.last
        guard length <= maximumLength || (last == 0x0d && length - 1 == maximumLength) else {
            return .tooLong(at: lineOffset)
        }
        carry.append(contentsOf: rest)
        chunk = AIOBuffer()
        position = 0
        return .needsMore
    }

    /// The line that ends with `tail`, its carriage return included.
    private mutating func line(endingWith tail: UnsafeRawBufferPointer) -> Step {
        let text: String?
        let length = carry.count + tail.count
        if carry.isEmpty {
            text = decode(tail)
        } else {
            carry.append(contentsOf: tail)
            text = carry.withUnsafeBytes(decode)
            // What one long line took is not held for all the others.
            carry.removeAll(keepingCapacity: carry.capacity <= 1 << 16)
        }
        guard let text else { return .tooLong(at: lineOffset) }
        lineOffset += Int64(length + 1)
        return .line(text)
    }

    /// nil when it is too long.
    private func decode(_ line: UnsafeRawBufferPointer) -> String? {
        let text = line.last == 0x0d ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        return text.count <= maximumLength ? String(decoding: text, as: UTF8.self) : nil
    }
}

internal import Glibc

/// Splits chunks of bytes into lines: a value that does no I/O.
struct LineSplitter {
    enum Step: Equatable {
        case line(String)
        /// The whole chunk was searched, and its last line has no end yet.
        case needsMore
        /// The line that begins at this offset is longer than allowed.
        case tooLong(at: Int64)
    }

    private let maximumLength: Int
    private var chunk = AIOBuffer()
    /// The position in `chunk` where the next line begins or continues.
    private var position = 0
    /// The beginning of a line whose end is in a chunk to come.
    private var carry: [UInt8] = []
    /// The offset in the file where the line begins.
    private var lineOffset: Int64

    /// - Parameters:
    ///   - offset: of the first chunk in the file, in bytes.
    ///   - maximumLength: of a line, in bytes without its end.
    init(at offset: Int64, maximumLength: Int) {
        lineOffset = offset
        self.maximumLength = maximumLength
    }

    /// Adds the next chunk, after ``next()`` has returned ``Step/needsMore``.
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

    /// Returns the last line, which has no end; nil if there is none.
    mutating func finish() -> Step? {
        guard !carry.isEmpty else { return nil }
        guard carry.count <= maximumLength else { return .tooLong(at: lineOffset) }
        defer { carry = [] }
        return .line(String(decoding: carry, as: UTF8.self))
    }

    private mutating func keep(_ rest: UnsafeRawBufferPointer) -> Step {
        let length = carry.count + rest.count
        // One byte more is allowed if it may be the carriage return of the line's end.
        let last = rest.last ?? carry.last
        guard length <= maximumLength || (last == 0x0d && length - 1 == maximumLength) else {
            return .tooLong(at: lineOffset)
        }
        carry.append(contentsOf: rest)
        chunk = AIOBuffer()
        position = 0
        return .needsMore
    }

    /// Returns the line that ends with `tail`, in which there may be a carriage return at the end.
    private mutating func line(endingWith tail: UnsafeRawBufferPointer) -> Step {
        let text: String?
        let length = carry.count + tail.count
        if carry.isEmpty {
            text = decode(tail)
        } else {
            carry.append(contentsOf: tail)
            text = carry.withUnsafeBytes(decode)
            // The memory that one long line needed is not held for all later lines.
            carry.removeAll(keepingCapacity: carry.capacity <= 1 << 16)
        }
        guard let text else { return .tooLong(at: lineOffset) }
        lineOffset += Int64(length + 1)
        return .line(text)
    }

    /// Returns a line as text, without its carriage return; nil if it is too long.
    private func decode(_ line: UnsafeRawBufferPointer) -> String? {
        let text = line.last == 0x0d ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        return text.count <= maximumLength ? String(decoding: text, as: UTF8.self) : nil
    }
}

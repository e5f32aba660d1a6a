internal import Glibc

/// Bytes that the kernel reads and writes in place: a value, in memory from a pool that is aligned for direct I/O.
///
/// A copy shares memory until one of the two is changed. Reading from a file into a buffer never changes a
/// copy of it. A buffer may be changed while it is being written: the file gets the old bytes.
public struct AIOBuffer: Sendable {
    var storage: BufferStorage
    /// The position in `storage` where the bytes begin: not 0 in a slice, or where a direct read had to begin earlier.
    var start: Int
    /// How many bytes the buffer has.
    public private(set) var count: Int

    /// Makes an empty buffer.
    public init() { self.init(.empty, start: 0, count: 0) }

    /// Makes a buffer of `count` zero bytes.
    ///
    /// - Parameters:
    ///   - count: how many bytes; must be 0 or more.
    ///   - alignment: of the memory, in bytes; must be a power of two. The default suits every direct file.
    public init(count: Int, alignment: Int = 4096) {
        precondition(count >= 0, "a buffer cannot have \(count) bytes")
        precondition(
            alignment > 0 && alignment & (alignment - 1) == 0, "an alignment is a power of two, not \(alignment)")
        guard count > 0 else {
            self.init()
            return
        }
        let storage =
            alignment <= BufferPool.alignment
            ? BufferStorage(uninitialized: count) : BufferStorage(count: count, alignment: alignment)
        // As with Array, the initializer cannot throw: without memory there is no value to return.
        guard let storage else { fatalError("no memory for a buffer of \(count) bytes") }
        memset(storage.memory.baseAddress!, 0, count)
        self.init(storage, start: 0, count: count)
    }

    /// Copies the bytes of a sequence to memory that is aligned for every direct file.
    public init(copying bytes: some Sequence<UInt8>) {
        let copied: AIOBuffer? = bytes.withContiguousStorageIfAvailable {
            AIOBuffer(copying: UnsafeRawBufferPointer($0))
        }
        self = copied ?? AIOBuffer(copying: Array(bytes))
    }

    /// Copies bytes to memory that is aligned for every direct file.
    public init(copying bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, !bytes.isEmpty else {
            self.init()
            return
        }
        guard let storage = BufferStorage(uninitialized: bytes.count) else {
            // As in init(count:alignment:).
            fatalError("no memory for a buffer of \(bytes.count) bytes")
        }
        memcpy(storage.memory.baseAddress!, source, bytes.count)
        self.init(storage, start: 0, count: bytes.count)
    }

    init(_ storage: BufferStorage, start: Int, count: Int) {
        self.storage = storage
        self.start = start
        self.count = count
    }

    /// How many bytes the buffer's memory has room for.
    public var capacity: Int { storage.memory.count - start }
}

extension AIOBuffer {
    /// Calls `body` with the bytes in memory, which are valid inside `body` only.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(bytes))
    }

    /// Calls `body` with the bytes in memory, to change them; they are valid inside `body` only. Memory that is shared
    /// with another buffer, or that the kernel is writing to a file, is copied first.
    public mutating func withUnsafeMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        makeUnique()
        defer { withExtendedLifetime(storage) {} }
        return try body(bytes)
    }

    /// Calls `body` with the bytes as a span, whose lifetime the compiler checks.
    public func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(storage) {} }
        return try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(bytes)))
    }

    /// The memory of the bytes; valid while `storage` lives.
    var bytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: storage.memory[start..<(start + count)])
    }

    /// Makes sure that no other buffer shares the memory. To be called before the memory is changed.
    mutating func makeUnique() {
        guard count > 0, !isKnownUniquelyReferenced(&storage) else { return }
        self = AIOBuffer(copying: UnsafeRawBufferPointer(bytes))
    }
}

extension AIOBuffer: RandomAccessCollection, MutableCollection {
    public typealias Element = UInt8
    public typealias Index = Int

    /// The position of the first byte: 0.
    public var startIndex: Int { 0 }
    /// The position behind the last byte: ``count``.
    public var endIndex: Int { count }

    /// The byte at `position`, which must be 0 or more and less than ``count``, as with an array.
    public subscript(position: Int) -> UInt8 {
        get {
            precondition(position >= 0 && position < count, "byte \(position) of a buffer of \(count)")
            return storage.memory[start + position]
        }
        set {
            precondition(position >= 0 && position < count, "byte \(position) of a buffer of \(count)")
            makeUnique()
            storage.memory[start + position] = newValue
        }
    }

    /// Calls `body` with the bytes in memory, which are valid inside `body` only. Never returns nil.
    public func withContiguousStorageIfAvailable<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R? {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(bytes.assumingMemoryBound(to: UInt8.self)))
    }

    /// Calls `body` with the bytes in memory, to change them; they are valid inside `body` only. Never returns nil
    /// unless `body` does.
    public mutating func withContiguousMutableStorageIfAvailable<R>(
        _ body: (inout UnsafeMutableBufferPointer<UInt8>) throws -> R
    ) rethrows -> R? {
        makeUnique()
        defer { withExtendedLifetime(storage) {} }
        var bytes = bytes.assumingMemoryBound(to: UInt8.self)
        return try body(&bytes)
    }
}

extension AIOBuffer: Hashable {
    /// Whether both have the same bytes.
    public static func == (left: AIOBuffer, right: AIOBuffer) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
            }
        }
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension AIOBuffer: CustomStringConvertible {
    /// The number of bytes, without the bytes themselves, which may be anything.
    public var description: String { "AIOBuffer(\(count) bytes)" }
}

internal import Glibc

/// Memory for one request, with one owner.
///
/// A request takes the buffer over and its result gives it back, so it cannot be freed, written or given to another
/// request while the kernel uses it. To do so does not compile.
public struct RequestBuffer: ~Copyable, @unchecked Sendable {
    // Unchecked for the pointer: the buffer cannot be copied, so one thread at a time has it.
    let address: UnsafeMutableRawPointer
    /// In bytes.
    public let count: Int

    /// Makes a buffer of zeros.
    ///
    /// - Parameters:
    ///   - count: in bytes, 0 and up; less counts as 0.
    ///   - alignment: of the address, in bytes: a power of two. A page is good for every direct file.
    public init(count: Int, alignment: Int = 4096) {
        self.count = max(0, count)
        address = .allocate(byteCount: max(1, self.count), alignment: max(16, alignment))
        address.initializeMemory(as: UInt8.self, repeating: 0, count: self.count)
    }

    /// Makes a buffer with a copy of these bytes.
    public init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        UnsafeMutableRawBufferPointer(start: address, count: count).copyBytes(from: bytes)
    }

    deinit { address.deallocate() }

    /// The address as a number, which may leave the lock that guards the buffer.
    var location: UInt { UInt(bitPattern: address) }

    /// Returns a copy of the first `count` bytes, or of all if there are fewer.
    public func bytes(_ count: Int = .max) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: address, count: min(max(0, count), self.count)))
    }

    /// Calls `body` with the memory, which must not be used after it.
    public mutating func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeMutableRawBufferPointer(start: address, count: count))
    }
}

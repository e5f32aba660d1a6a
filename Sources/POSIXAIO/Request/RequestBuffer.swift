internal import Glibc

/// Memory for one request, with one owner: a request takes it over and its result gives it back, so it cannot be
/// freed, written or given to another request while the kernel uses it. To do so does not compile.
public struct RequestBuffer: ~Copyable, @unchecked Sendable {
    // Sendable by hand: one owner, wherever that is.
    let address: UnsafeMutableRawPointer
    /// In bytes.
    public let count: Int

    /// Zeroed memory.
    ///
    /// - Parameters:
    ///   - count: in bytes, 0 and up; less counts as 0.
    ///   - alignment: of its address: a power of two. A page is good for every direct file.
    public init(count: Int, alignment: Int = 4096) {
        self.count = max(0, count)
        address = .allocate(byteCount: max(1, self.count), alignment: max(16, alignment))
        address.initializeMemory(as: UInt8.self, repeating: 0, count: self.count)
    }

    /// Memory with these bytes.
    public init(copying bytes: some Collection<UInt8>) {
        self.init(count: bytes.count)
        UnsafeMutableRawBufferPointer(start: address, count: count).copyBytes(from: bytes)
    }

    deinit { address.deallocate() }

    /// A copy of the first bytes, no more than there are.
    public func bytes(_ count: Int = .max) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: address, count: min(max(0, count), self.count)))
    }

    /// The memory, inside `body` only.
    public mutating func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeMutableRawBufferPointer(start: address, count: count))
    }
}

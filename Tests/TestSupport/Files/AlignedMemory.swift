internal import Glibc

/// Memory for direct I/O, freed when the last reference goes. Its owner sees to it that no two use it at once.
///
/// An optimized build lets go of an array of them at its last use: `defer { withExtendedLifetime(all) {} }`.
public final class AlignedMemory: @unchecked Sendable {
    public let bytes: UnsafeMutableRawBufferPointer

    /// `count` bytes, filled with `filler` so that what a read did not touch shows.
    public init(count: Int, alignment: Int = 4096, filler: UInt8 = 0xa5) {
        bytes = .allocate(byteCount: count, alignment: alignment)
        bytes.initializeMemory(as: UInt8.self, repeating: filler)
    }

    /// Memory that holds the pattern from `offset` on.
    public convenience init(_ pattern: BytePattern, at offset: Int64, count: Int) {
        self.init(count: count)
        pattern.fill(bytes, at: offset)
    }

    deinit { bytes.deallocate() }

    public var readOnly: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }
}

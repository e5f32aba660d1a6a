internal import Glibc

/// Memory for direct I/O, freed with the last reference. Unchecked: its owner ensures that no two threads use it at
/// once.
///
/// An optimized build releases an array of them after its last use: `defer { withExtendedLifetime(all) {} }`.
public final class AlignedMemory: @unchecked Sendable {
    public let bytes: UnsafeMutableRawBufferPointer

    /// Allocates `count` bytes, filled with `filler` so that bytes a read did not write show.
    public init(count: Int, alignment: Int = 4096, filler: UInt8 = 0xa5) {
        bytes = .allocate(byteCount: count, alignment: alignment)
        bytes.initializeMemory(as: UInt8.self, repeating: filler)
    }

    /// Allocates memory that holds the pattern from `offset` on.
    public convenience init(_ pattern: BytePattern, at offset: Int64, count: Int) {
        self.init(count: count)
        pattern.fill(bytes, at: offset)
    }

    deinit { bytes.deallocate() }

    public var readOnly: UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes) }
}

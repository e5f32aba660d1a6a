internal import CTestSupport

/// Bytes that are a function of their offset and a seed: any range of any file can be checked by itself, and
/// bytes from a wrong offset or another file do not pass.
public struct BytePattern: Hashable, Sendable {
    public let seed: UInt64

    public init(seed: UInt64) { self.seed = seed }

    /// Fills `buffer` with the pattern from `offset` on.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) {
        guard let base = buffer.baseAddress else { return }
        test_pattern_fill(seed, offset, base.assumingMemoryBound(to: UInt8.self), buffer.count)
    }

    /// Returns the pattern's bytes from `offset` on.
    public func bytes(at offset: Int64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) {
            fill(UnsafeMutableRawBufferPointer($0), at: offset)
            $1 = count
        }
    }

    /// Returns the index of the first byte in `buffer` that differs from the pattern at `offset` + index, or nil.
    public func firstMismatch(in buffer: UnsafeRawBufferPointer, at offset: Int64) -> Int? {
        guard let base = buffer.baseAddress else { return nil }
        let index = test_pattern_mismatch(seed, offset, base.assumingMemoryBound(to: UInt8.self), buffer.count)
        return index < 0 ? nil : index
    }

    /// Returns whether `bytes` are the pattern's from `offset` on.
    public func matches(_ bytes: some Collection<UInt8>, at offset: Int64) -> Bool {
        let contiguous = bytes.withContiguousStorageIfAvailable {
            firstMismatch(in: UnsafeRawBufferPointer($0), at: offset) == nil
        }
        return contiguous ?? [UInt8](bytes).withUnsafeBytes { firstMismatch(in: $0, at: offset) == nil }
    }
}

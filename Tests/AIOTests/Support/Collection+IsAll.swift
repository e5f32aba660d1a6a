import Glibc

extension Collection<UInt8> {
    /// Whether every byte is `value`; fast in a debug build too.
    func isAll(_ value: UInt8) -> Bool {
        let contiguous = withContiguousStorageIfAvailable { bytes -> Bool in
            guard let first = bytes.first, let start = bytes.baseAddress else { return true }
            // All bytes are equal if the sequence equals itself shifted by one.
            return first == value && memcmp(start, start + 1, bytes.count - 1) == 0
        }
        return contiguous ?? [UInt8](self).isAll(value)
    }
}

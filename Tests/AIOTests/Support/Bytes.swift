import Glibc

extension Collection<UInt8> {
    /// Whether every byte is `value`; fast in a debug build too.
    func isAll(_ value: UInt8) -> Bool {
        let contiguous = withContiguousStorageIfAvailable { bytes -> Bool in
            guard let first = bytes.first, let start = bytes.baseAddress else { return true }
            // A run of equal bytes is equal to itself, one further on.
            return first == value && memcmp(start, start + 1, bytes.count - 1) == 0
        }
        return contiguous ?? [UInt8](self).isAll(value)
    }
}

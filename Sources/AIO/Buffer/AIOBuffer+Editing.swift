internal import Glibc

extension AIOBuffer {
    /// Removes the first bytes, and returns them; both parts share the memory.
    mutating func removeFirst(_ count: Int) -> AIOBuffer {
        defer { self = AIOBuffer(storage, start: start + count, count: self.count - count) }
        return AIOBuffer(storage, start: start, count: count)
    }

    /// Copies another buffer's bytes over the first ones of this buffer; the count stays.
    mutating func replaceFirst(with other: AIOBuffer) { replace(from: 0, with: other) }

    /// Copies another buffer's bytes over those of this buffer from `position` on; the count stays.
    mutating func replace(from position: Int, with other: AIOBuffer) {
        precondition(position >= 0 && position + other.count <= count)
        guard !other.isEmpty else { return }
        makeUnique()
        memcpy(bytes.baseAddress! + position, other.bytes.baseAddress!, other.count)
        withExtendedLifetime((storage, other.storage)) {}
    }

    /// Appends bytes. If the buffer has to grow, it reserves memory for at least `reserving` bytes.
    ///
    /// - Returns: false, with nothing appended, if there is not enough memory: a file may be larger than memory.
    mutating func append(_ other: AIOBuffer, reserving: Int) -> Bool {
        if other.isEmpty { return true }
        if isEmpty {
            self = other
            return true
        }
        let total = count + other.count
        if total > capacity || !isKnownUniquelyReferenced(&storage) {
            guard let larger = BufferStorage(uninitialized: Swift.max(total, reserving, capacity * 2)) else {
                return false
            }
            memcpy(larger.memory.baseAddress!, bytes.baseAddress!, count)
            self = AIOBuffer(larger, start: 0, count: count)
        }
        memcpy(storage.memory.baseAddress! + start + count, other.bytes.baseAddress!, other.count)
        self = AIOBuffer(storage, start: start, count: total)
        withExtendedLifetime(other.storage) {}
        return true
    }
}

internal import SystemPackage

extension AIOFile {
    /// In a row, where there should be bytes: a file that never gives them has to end as well.
    static var mostEmptyReads: Int { 16 }

    /// Reads what a short read has left, until there are `count` bytes from `offset` on, or the file ends.
    ///
    /// A direct read from inside a block begins at the block. If it comes short before its own first byte it looks
    /// like the end, so the size has to tell; and a look at that is cheaper than a read of the last block.
    func complete(_ bytes: inout AIOBuffer, from offset: Int64, to count: Int) async throws {
        var emptyReads = 0
        while bytes.count < count {
            let position = offset + Int64(bytes.count)
            if caching == .direct, try await size() <= position { return }
            let rest = try await read(at: position, count: count - bytes.count)
            emptyReads = rest.isEmpty ? emptyReads + 1 : 0
            if emptyReads > (caching == .direct ? Self.mostEmptyReads : 0) { return }
            guard bytes.append(rest, reserving: count) else {
                throw details("read", at: offset, count: count).error(.noMemory)
            }
        }
    }
}

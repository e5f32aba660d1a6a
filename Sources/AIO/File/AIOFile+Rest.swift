internal import SystemPackage

extension AIOFile {
    /// How many empty reads in a row are tolerated where the size promises bytes: a loop over a file that never returns
    /// them has to finish as well.
    static var maximumEmptyReads: Int { 16 }

    /// Reads the rest after a short read, until there are `count` bytes from `offset` on, or the file ends.
    ///
    /// A direct read from inside a block begins at the block's start. If it is short before the first requested byte,
    /// it looks like the end of the file, so the size decides. A query of the size is also cheaper than a read of the
    /// last block.
    func complete(_ bytes: inout AIOBuffer, from offset: Int64, to count: Int) async throws {
        var emptyReads = 0
        while bytes.count < count {
            let position = offset + Int64(bytes.count)
            if caching == .direct, try await size() <= position { return }
            let rest = try await read(at: position, count: count - bytes.count)
            emptyReads = rest.isEmpty ? emptyReads + 1 : 0
            if emptyReads > (caching == .direct ? Self.maximumEmptyReads : 0) { return }
            guard bytes.append(rest, reserving: count) else {
                throw details("read", at: offset, count: count).error(.noMemory)
            }
        }
    }
}

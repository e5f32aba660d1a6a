import AIO

/// Blocks that carry their own number and how often they were written, so that a wrong one is noticed.
///
/// The I/O needs no actor, as any number of tasks may read and write a file at once. The actor reserves each block for
/// one task at a time.
actor Store {
    static let blockSize = 4096
    static let blockCount = 512
    static var size: Int { blockSize * blockCount }

    nonisolated let file: AIOFile
    private var versions = [UInt32](repeating: 0, count: blockCount)
    private var busy: Set<Int> = []

    init(_ file: AIOFile) { self.file = file }

    /// Reads a block, checks it, writes its next version.
    nonisolated func updateSomeBlock() async throws {
        let (block, version) = await reserve()
        do {
            let offset = Int64(block * Self.blockSize)
            let bytes = try await file.readExactly(at: offset, count: Self.blockSize)
            guard version == 0 || bytes == Self.bytes(of: block, version) else {
                throw AIOError(.inputOutput, operation: "block \(block)", advice: "not version \(version)")
            }
            try await file.writeAll(Self.bytes(of: block, version + 1), at: offset)
            await release(block, version + 1)
        } catch {
            await release(block, version)
            throw error
        }
    }

    private func reserve() -> (block: Int, version: UInt32) {
        var block = Int.random(in: 0..<Self.blockCount)
        while !busy.insert(block).inserted { block = (block + 1) % Self.blockCount }
        return (block, versions[block])
    }

    private func release(_ block: Int, _ version: UInt32) {
        versions[block] = version
        busy.remove(block)
    }

    private static func bytes(of block: Int, _ version: UInt32) -> AIOBuffer {
        var buffer = AIOBuffer(count: blockSize)
        buffer.withUnsafeMutableBytes { bytes in
            for offset in stride(from: 0, to: blockSize, by: 8) {
                bytes.storeBytes(of: UInt64(block) << 32 | UInt64(version), toByteOffset: offset, as: UInt64.self)
            }
        }
        return buffer
    }
}

package import BenchmarkKit
import NIOCore
import _NIOFileSystem

/// Lines from an AsyncSequence of bytes, collected until LF: the code for a file that is a sequence of bytes and no
/// more.
package struct ByteLinesEngine: Engine {
    package init() {}

    package var id: String { "bytes" }
    package var title: String { "byte by byte" }
    package var patterns: Set<Workload.Pattern> { [.lines] }

    package func obstacle(to workload: Workload) -> String? {
        workload.caching == .direct ? "NIOFileSystem has no direct I/O" : nil
    }

    package func open(_ job: Job) async throws -> any EngineSession {
        try await NIOReadSession.open(job) { handle, run in
            var count = LineCount(run)
            while !count.isOver {
                let bytes = FileBytes(handle: handle, end: Int64(job.span), blockSize: job.workload.blockSize)
                try await Self.lines(of: bytes, &count)
            }
            return count.tally
        }
    }

    private static func lines(of bytes: FileBytes, _ count: inout LineCount) async throws {
        var line: [UInt8] = []
        for try await byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            if count.add(String(decoding: line, as: UTF8.self)) { return }
            line.removeAll(keepingCapacity: true)
        }
        if !line.isEmpty { _ = count.add(String(decoding: line, as: UTF8.self)) }
    }
}

/// A file's bytes, one at a time, from blocks that are read when the last one is used up. As fast as this can be
/// written: two pointers, and no call for the bytes of a block.
private struct FileBytes: AsyncSequence {
    typealias Element = UInt8

    let handle: ReadFileHandle
    let end: Int64
    let blockSize: Int

    func makeAsyncIterator() -> Iterator { Iterator(bytes: self, block: Block(blockSize)) }

    final class Block {
        let memory: UnsafeMutableRawBufferPointer
        init(_ size: Int) { memory = .allocate(byteCount: size, alignment: 16) }
        deinit { memory.deallocate() }
    }

    struct Iterator: AsyncIteratorProtocol {
        let bytes: FileBytes
        let block: Block
        var offset: Int64 = 0
        var position: UnsafeMutableRawPointer?
        var limit: UnsafeMutableRawPointer?

        init(bytes: FileBytes, block: Block) {
            self.bytes = bytes
            self.block = block
        }

        @inline(__always)
        mutating func next() async throws -> UInt8? { try await next(isolation: nil) }

        @inline(__always)
        mutating func next(isolation actor: isolated (any Actor)?) async throws -> UInt8? {
            if position == limit, try await !readBlock() { return nil }
            let byte = position.unsafelyUnwrapped.load(as: UInt8.self)
            position = position.unsafelyUnwrapped + 1
            return byte
        }

        @inline(never)
        private mutating func readBlock() async throws -> Bool {
            let length = Swift.min(Int64(bytes.blockSize), bytes.end - offset)
            guard length > 0 else { return false }
            let chunk = try await bytes.handle.readChunk(fromAbsoluteOffset: offset, length: .bytes(length))
            chunk.withUnsafeReadableBytes { block.memory.copyMemory(from: $0) }
            position = block.memory.baseAddress
            limit = position.map { $0 + chunk.readableBytes }
            offset += Int64(chunk.readableBytes)
            return chunk.readableBytes > 0
        }
    }
}

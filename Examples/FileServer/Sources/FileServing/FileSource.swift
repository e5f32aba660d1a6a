internal import AIO
package import NIOCore

/// Where the bytes of an open file come from. The file is closed when nobody has this any more.
package protocol FileSource: Sendable {
    /// Hands the bytes of a range on, piece by piece, each when the one before was taken. Fewer than the range has,
    /// when the file has become shorter. Called once at most.
    func read(
        _ range: Range<Int64>, as streaming: FileStreaming, _ take: (ByteBuffer) async throws -> Void
    ) async throws
}

/// Through the engine.
struct EngineSource: FileSource {
    private let file: AIOFile

    init(_ file: AIOFile) { self.file = file }

    func read(
        _ range: Range<Int64>, as streaming: FileStreaming, _ take: (ByteBuffer) async throws -> Void
    ) async throws {
        let chunks = file.chunks(in: range, chunkLength: streaming.chunkLength, readAhead: streaming.readAhead)
        for try await chunk in chunks { try await take(chunk.withUnsafeBytes { ByteBuffer(bytes: $0) }) }
    }
}

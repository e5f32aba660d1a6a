internal import AIO
package import NIOCore

/// The source of an open file's bytes. Releasing the last reference closes the file.
package protocol FileSource: Sendable {
    /// Calls `consume` with the bytes of a range, piece by piece, each after the call before has returned. There are
    /// fewer bytes than the range has when the file has become shorter. Called once at most.
    func read(
        _ range: Range<Int64>, as streaming: FileStreaming, _ consume: (ByteBuffer) async throws -> Void
    ) async throws
}

/// Reads through AIO's `chunks`.
struct EngineSource: FileSource {
    private let file: AIOFile

    init(_ file: AIOFile) { self.file = file }

    func read(
        _ range: Range<Int64>, as streaming: FileStreaming, _ consume: (ByteBuffer) async throws -> Void
    ) async throws {
        let chunks = file.chunks(in: range, chunkLength: streaming.chunkLength, readAhead: streaming.readAhead)
        for try await chunk in chunks { try await consume(chunk.withUnsafeBytes { ByteBuffer(bytes: $0) }) }
    }
}

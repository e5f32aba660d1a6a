internal import AIO
internal import Hummingbird
internal import Metrics
internal import NIOCore

/// How the bytes of a file get to a connection: chunk by chunk, as fast as the client takes them.
package struct FileStreaming: Sendable {
    /// Bytes of a chunk, and chunks read ahead. Together, and one more that is being sent, they are what a connection
    /// holds at most.
    package var chunkLength = 64 << 10
    package var readAhead = 2

    package init() {}

    func body(of file: AIOFile, _ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            var left = range.count
            for try await chunk in file.chunks(in: range, chunkLength: chunkLength, readAhead: readAhead) {
                left -= chunk.count
                try await writer.write(chunk.withUnsafeBytes { ByteBuffer(bytes: $0) })
            }
            // The length was promised already: a connection that ends too early is how the client learns of it.
            guard left == 0 else { throw FileGotShorter() }
            try await writer.finish(nil)
        }
    }
}

/// A file was truncated while it was being sent.
struct FileGotShorter: Error {}

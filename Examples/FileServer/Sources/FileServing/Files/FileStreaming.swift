internal import Hummingbird
internal import NIOCore
internal import NIOHTTPTypes

/// How the bytes of a file get to a connection: chunk by chunk, as fast as the client reads them.
package struct FileStreaming: Sendable {
    /// Bytes of a chunk, and chunks read ahead. A connection holds these chunks, and two more that are being sent, at
    /// most.
    package var chunkLength = 64 << 10
    package var readAhead = 2

    package init() {}

    /// Makes a body that is written directly to the channel, not through the body's writer, for two reasons.
    ///
    /// The writer waits for a channel that is not writable, but the channel becomes so only when the event loop has
    /// processed the writes, and on a busy machine that is late: a hundred slow clients were measured to cost a
    /// gigabyte. And in a graceful shutdown the server closes a connection as soon as the end of a response is written,
    /// and drops the bytes that the socket has not accepted yet: so the end is written only after the socket has
    /// accepted all bytes.
    func body(of source: any FileSource, _ range: Range<Int64>, to channel: any Channel) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            var left = range.count
            var sending: EventLoopFuture<Void>?
            try await source.read(range, as: self) { bytes in
                left -= bytes.readableBytes
                let sent = send(bytes, to: channel)
                // One chunk is being sent while the next one is read.
                try await sending?.get()
                sending = sent
            }
            try await sending?.get()
            // The head has the full length already: only the early end of the connection shows the client that bytes
            // are missing.
            guard left == 0 else { throw FileGotShorter() }
            try await writer.finish(nil)
        }
    }

    /// Begins to send. The future completes when the socket has accepted the bytes, and all before them.
    private func send(_ bytes: ByteBuffer, to channel: any Channel) -> EventLoopFuture<Void> {
        channel.writeAndFlush(HTTPResponsePart.body(bytes))
    }
}

/// A file was truncated while it was being sent.
struct FileGotShorter: Error {}

/// The context of an HTTP request, with its connection.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

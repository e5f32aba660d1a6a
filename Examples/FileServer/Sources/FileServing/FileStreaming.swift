internal import Hummingbird
internal import NIOCore
internal import NIOHTTPTypes

/// How the bytes of a file get to a connection: chunk by chunk, as fast as the client takes them.
package struct FileStreaming: Sendable {
    /// Bytes of a chunk, and chunks read ahead. Together, and two more that are being sent, they are what a connection
    /// holds at most.
    package var chunkLength = 64 << 10
    package var readAhead = 2

    package init() {}

    /// The body, written past its writer to the channel, for two reasons.
    ///
    /// The writer waits for a channel that is not writable; but it learns of that only when the event loop has seen
    /// what was written, and on a busy machine that is late: a hundred slow clients were seen to cost a gigabyte. And
    /// in a graceful shutdown the server closes a connection as soon as the end of a response is written, with what
    /// the socket has not taken yet: so the end is not written before the socket has taken everything.
    func body(of source: any FileSource, _ range: Range<Int64>, to channel: any Channel) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            var left = range.count
            var sending: EventLoopFuture<Void>?
            try await source.read(range, as: self) { bytes in
                left -= bytes.readableBytes
                let sent = send(bytes, to: channel)
                // One is under way while the next one is made ready.
                try await sending?.get()
                sending = sent
            }
            try await sending?.get()
            // The length was promised already: a connection that ends too early is how the client learns of it.
            guard left == 0 else { throw FileGotShorter() }
            try await writer.finish(nil)
        }
    }

    /// Begins to send; the future ends when the socket has taken the bytes, and all before them.
    private func send(_ bytes: ByteBuffer, to channel: any Channel) -> EventLoopFuture<Void> {
        channel.writeAndFlush(HTTPResponsePart.body(bytes))
    }
}

/// A file was truncated while it was being sent.
struct FileGotShorter: Error {}

/// A request with the connection it came by.
struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}

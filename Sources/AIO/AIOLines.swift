extension AIOFile {
    /// The file's lines, as text.
    ///
    /// A line ends with LF or CRLF, which is not part of it, or with the file. What is not UTF-8 is repaired as
    /// `String(decoding:as:)` does it: each broken sequence becomes U+FFFD. Bytes are read by
    /// ``chunks(in:chunkLength:readAhead:)``, and what is said there of files that change, and of cancellation,
    /// holds here.
    ///
    /// - Parameters:
    ///   - range: offsets in bytes; nil for the whole file. Where it begins, a line begins.
    ///   - maximumLength: of a line, in bytes without its end, 0 and up. A longer one is an error, so that a
    ///     file without line ends does not fill the memory.
    /// - Returns: a sequence that throws what the chunks throw, and ``AIOError/Code/lineTooLong`` with the
    ///   offset at which the line begins; nothing comes after that.
    public func lines(in range: Range<Int64>? = nil, maximumLength: Int = 1 << 20) -> AIOLines {
        AIOLines(chunks: chunks(in: range), maximumLength: maximumLength)
    }
}

/// The lines of a file: see ``AIOFile/lines(in:maximumLength:)``.
public struct AIOLines: AsyncSequence, Sendable {
    public typealias Element = String
    public typealias Failure = any Error

    let chunks: AIOChunks
    let maximumLength: Int

    /// Begins anew at the start of the range; reads nothing yet.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Goes through the lines.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let file: AIOFile
        private let maximumLength: Int
        private var chunks: AIOChunks.AsyncIterator
        private var splitter: LineSplitter
        private var isFinished = false

        init(_ lines: AIOLines) {
            file = lines.chunks.file
            maximumLength = lines.maximumLength
            chunks = lines.chunks.makeAsyncIterator()
            splitter = LineSplitter(at: lines.chunks.range?.lowerBound ?? 0, maximumLength: lines.maximumLength)
        }

        /// The next line; nil at the end, and after an error.
        public mutating func next() async throws -> String? { try await next(isolation: nil) }

        /// The same, on the caller's actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
            guard !isFinished else { return nil }
            while true {
                switch splitter.next() {
                case .line(let line): return line
                case .tooLong(let offset): throw tooLong(at: offset)
                case .needsMore: break
                }
                do {
                    guard let chunk = try await chunks.next(isolation: actor) else { return try lastLine() }
                    splitter.feed(chunk)
                } catch {
                    isFinished = true
                    throw error
                }
            }
        }

        private mutating func lastLine() throws -> String? {
            isFinished = true
            switch splitter.finish() {
            case .line(let line): return line
            case .tooLong(let offset): throw tooLong(at: offset)
            case .needsMore, nil: return nil
            }
        }

        private mutating func tooLong(at offset: Int64) -> AIOError {
            isFinished = true
            return file.subject("reading lines", at: offset).error(
                .lineTooLong, advice: "the line that begins here has more than \(maximumLength) bytes")
        }
    }
}

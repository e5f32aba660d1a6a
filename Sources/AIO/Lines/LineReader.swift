internal import AIOEngine

/// Splits the chunks of an iterator into lines, for files and streams.
struct LineReader<Source: AsyncIteratorProtocol> where Source.Element == AIOBuffer {
    private var source: Source
    private var splitter: LineSplitter
    private let maximumLength: Int
    /// The details of errors, which name the file.
    private let details: ErrorDetails
    private var isFinished = false

    init(_ source: Source, at offset: Int64, maximumLength: Int, _ details: ErrorDetails) {
        self.source = source
        self.maximumLength = maximumLength
        self.details = details
        splitter = LineSplitter(at: offset, maximumLength: maximumLength)
    }

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> String? {
        guard !isFinished else { return nil }
        // The parameter is checked here, as making the sequence cannot throw.
        guard maximumLength >= 0 else {
            isFinished = true
            throw details.error(
                .invalidArgument, advice: "maximumLength is \(maximumLength); it must be 0 or more")
        }
        while true {
            switch splitter.next() {
            case .line(let line): return line
            case .tooLong(let offset): throw tooLong(at: offset)
            case .needsMore: break
            }
            do {
                guard let chunk = try await source.next(isolation: actor) else { return try lastLine() }
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
        var details = details
        details.offset = offset
        return details.error(
            .lineTooLong, advice: "the line that begins here has more than \(maximumLength) bytes")
    }
}

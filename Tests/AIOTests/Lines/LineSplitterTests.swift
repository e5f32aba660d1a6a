import Testing

@testable import AIO

/// All small inputs, in chunks of every length, compared with a model that sees the whole text at once.
@Suite struct LineSplitterTests {
    enum Ending: Equatable {
        case lines([String])
        case tooLong([String], at: Int64)
    }

    private func split(_ bytes: [UInt8], chunkLength: Int, maximumLength: Int) -> Ending {
        var splitter = LineSplitter(at: 1000, maximumLength: maximumLength)
        var lines: [String] = []
        var rest = bytes[...]
        while true {
            switch splitter.next() {
            case .line(let line): lines.append(line)
            case .tooLong(let offset): return .tooLong(lines, at: offset)
            case .needsMore:
                guard !rest.isEmpty else {
                    switch splitter.finish() {
                    case .line(let line): return .lines(lines + [line])
                    case .tooLong(let offset): return .tooLong(lines, at: offset)
                    case .needsMore, nil: return .lines(lines)
                    }
                }
                splitter.feed(AIOBuffer(copying: rest.prefix(chunkLength)))
                rest = rest.dropFirst(chunkLength)
            }
        }
    }

    private func model(_ bytes: [UInt8], maximumLength: Int) -> Ending {
        var lines: [String] = []
        var start = 0
        while start < bytes.count {
            let newline = bytes[start...].firstIndex(of: 10)
            var content = bytes[start..<(newline ?? bytes.count)]
            if newline != nil, content.last == 13 { content.removeLast() }
            guard content.count <= maximumLength else { return .tooLong(lines, at: 1000 + Int64(start)) }
            lines.append(String(decoding: content, as: UTF8.self))
            start = (newline ?? bytes.count) + 1
        }
        return .lines(lines)
    }

    @Test(arguments: 0...7) func everyInputOfALengthSplitsAsTheModelInEveryChunkLength(length: Int) {
        // A letter, both line ends, and half of a two-byte character.
        let alphabet: [UInt8] = [0x61, 0x0a, 0x0d, 0xc3]
        var failures = 0
        for number in 0..<(1 << (2 * length)) {
            let bytes = (0..<length).map { alphabet[number >> (2 * $0) & 3] }
            for chunkLength in 1...max(1, length) {
                for maximumLength in [0, 1, 2, 7, .max] {
                    let found = split(bytes, chunkLength: chunkLength, maximumLength: maximumLength)
                    if found != model(bytes, maximumLength: maximumLength), failures < 5 {
                        failures += 1
                        Issue.record("\(bytes) in chunks of \(chunkLength), at most \(maximumLength): \(found)")
                    }
                }
            }
        }
    }

    @Test func charactersAcrossChunksStayWhole() {
        let text = "grün\r\n日本語\n😀 last"
        for chunkLength in 1...12 {
            #expect(
                split(Array(text.utf8), chunkLength: chunkLength, maximumLength: 100)
                    == .lines(["grün", "日本語", "😀 last"]))
        }
    }

    @Test func aLineWithoutEndUsesNoMoreMemoryThanAllowed() {
        var splitter = LineSplitter(at: 0, maximumLength: 10_000)
        let chunk = AIOBuffer(copying: [UInt8](repeating: 0x61, count: 4096))
        var chunks = 0
        while chunks < 100 {
            splitter.feed(chunk)
            chunks += 1
            if splitter.next() == .tooLong(at: 0) { break }
        }
        #expect(chunks == 3)
    }
}

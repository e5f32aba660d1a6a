import AIO
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LinesTests {
    private func withText(
        _ text: String, _ setting: Setting = .buffered, _ body: (AIOFile) async throws -> Void
    ) async throws {
        let directory = try setting.directory()
        let path = directory.path("text")
        let output = try OpenDescriptor(path, .writeOnly, options: .create)
        _ = try output.descriptor.writeAll(Array(text.utf8))
        withExtendedLifetime(output) {}
        try await withAIOContext { context async throws in
            try await body(try await AIOFile.open(path, caching: setting.caching, on: context))
        }
    }

    private func lines(_ lines: AIOLines) async throws -> [String] {
        try await lines.reduce(into: []) { $0.append($1) }
    }

    @Test(arguments: Setting.all) func linesOfEveryLengthAcrossChunksAreReturned(setting: Setting) async throws {
        let expected = (0..<1500).map { String(repeating: "é\($0 % 10)", count: $0 % 300) }
        let text = expected.enumerated().map { $1 + ($0 % 3 == 0 ? "\r\n" : "\n") }.joined()
        #expect(text.utf8.count > 3 * 131_072)
        try await withText(text, setting) { file async throws in
            #expect(try await lines(file.lines()) == expected)
        }
    }

    @Test func emptyFileHasNoLinesAndALoneLineEndOne() async throws {
        try await withText("") { file async throws in #expect(try await lines(file.lines()) == []) }
        try await withText("\n") { file async throws in #expect(try await lines(file.lines()) == [""]) }
        try await withText("a") { file async throws in #expect(try await lines(file.lines()) == ["a"]) }
    }

    @Test func rangeMayBeginAndEndInsideALine() async throws {
        try await withText("first\nsecond\nthird\n") { file async throws in
            #expect(try await lines(file.lines(in: 2..<10)) == ["rst", "seco"])
            #expect(try await lines(file.lines(in: 6..<6)) == [])
        }
    }

    @Test func lineThatIsTooLongIsAnErrorWithItsOffset() async throws {
        try await withText("ok\r\n12345\r\nx\n") { file async throws in
            #expect(try await lines(file.lines(maximumLength: 5)) == ["ok", "12345", "x"])
            var iterator = file.lines(maximumLength: 4).makeAsyncIterator()
            #expect(try await iterator.next() == "ok")
            let error = await expectError(.lineTooLong) { try await iterator.next() }
            #expect(error?.offset == 4)
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func invalidMaximumLengthThrowsAndEndsTheSequence() async throws {
        for text in ["", "a\n"] {
            try await withText(text) { file async throws in
                for maximumLength in [-1, .min] {
                    var iterator = file.lines(maximumLength: maximumLength).makeAsyncIterator()
                    await expectError(.invalidArgument) { try await iterator.next() }
                    #expect(try await iterator.next() == nil)
                }
            }
        }
    }
}

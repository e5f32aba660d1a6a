public import AIO

/// The counts of the lines of one list.
private struct Tally {
    var formatted = 0
    var misformatted = 0
    var matched = 0
    var mismatched = 0
    var unreadable = 0
}

extension AIOContext {
    /// Checks the files of a list against it; several are read at once.
    ///
    /// - Parameters:
    ///   - list: "-" for standard input.
    /// - Returns: whether every file matches the list.
    public func verify(
        _ list: FileName, _ options: VerifyOptions, width: Int, to output: any ChecksumOutput
    ) async throws -> Bool {
        let content: [UInt8]
        do {
            content = try await self.content(of: list)
        } catch let error as Unreadable {
            output.complain("\(list.quoted): \(error.reason)")
            return false
        }
        var (lines, misformatted) = parse(content)
        var tally = Tally(formatted: lines.count, misformatted: misformatted.count)
        // Reports each in its order among the other lines.
        func reportMisformatted(before line: Int) {
            while let first = misformatted.first, first.line <= line {
                misformatted.removeFirst()
                guard options.warns else { continue }
                output.complain("\(list.title): \(first.number): improperly formatted SHA256 checksum line")
            }
        }
        let count = lines.count
        try await digests(of: lines.map(\.name), width: width) { _, result in
            reportMisformatted(before: count - lines.count)
            report(lines.removeFirst(), result, options, &tally, output)
        }
        reportMisformatted(before: count)
        return conclude(list, tally, options, output)
    }

    /// Returns the lines, and for each improperly formatted one its number in the file and how many proper lines come
    /// before it.
    private func parse(
        _ content: [UInt8]
    ) -> (lines: ArraySlice<ChecksumLine>, misformatted: ArraySlice<(number: Int, line: Int)>) {
        var parser = ChecksumParser()
        var lines: ArraySlice<ChecksumLine> = []
        var misformatted: ArraySlice<(number: Int, line: Int)> = []
        for (index, text) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            let text = text.last == UInt8(ascii: "\r") ? text.dropLast() : text
            guard !text.isEmpty, text.first != UInt8(ascii: "#") else { continue }
            if let line = parser.parse(text) {
                lines.append(line)
            } else {
                misformatted.append((index + 1, lines.count))
            }
        }
        return (lines, misformatted)
    }

    private func report(
        _ line: ChecksumLine, _ result: Result<[UInt8], Unreadable>, _ options: VerifyOptions, _ tally: inout Tally,
        _ output: any ChecksumOutput
    ) {
        func say(_ verdict: String) {
            guard !options.isSilent else { return }
            // As sha256sum does: the name is escaped only where it would break the line.
            let isEscaped = line.name.contains(UInt8(ascii: "\n"))
            let name = isEscaped ? [UInt8(ascii: "\\")] + Escapes.escaped(line.name) : line.name
            output.write(name + Array(": \(verdict)\n".utf8))
        }
        switch result {
        case .failure(let error) where options.ignoresMissing && error.isMissing: break
        case .failure(let error):
            tally.unreadable += 1
            output.complain("\(line.name.quoted): \(error.reason)")
            say("FAILED open or read")
        case .success(line.digest):
            tally.matched += 1
            if !options.isQuiet { say("OK") }
        case .success:
            tally.mismatched += 1
            say("FAILED")
        }
    }

    private func conclude(
        _ list: FileName, _ tally: Tally, _ options: VerifyOptions, _ output: any ChecksumOutput
    ) -> Bool {
        guard tally.formatted > 0 else {
            output.complain("\(list.title): no properly formatted checksum lines found")
            return false
        }
        if !options.isSilent {
            func warn(_ count: Int, _ one: String, _ many: String) {
                if count > 0 { output.complain("WARNING: \(count) \(count == 1 ? one : many)") }
            }
            warn(tally.misformatted, "line is improperly formatted", "lines are improperly formatted")
            warn(tally.unreadable, "listed file could not be read", "listed files could not be read")
            warn(tally.mismatched, "computed checksum did NOT match", "computed checksums did NOT match")
            if options.ignoresMissing, tally.matched == 0 { output.complain("\(list.title): no file was verified") }
        }
        return tally.matched > 0 && tally.mismatched == 0 && tally.unreadable == 0
            && (!options.isStrict || tally.misformatted == 0)
    }
}

extension FileName {
    /// The name of a list in sha256sum's messages about its lines.
    fileprivate var title: String { isStandardInput ? "'standard input'" : quoted }
}

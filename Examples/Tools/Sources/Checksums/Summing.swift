public import AIO

/// Where lines go: standard output and error, or a test.
public protocol ChecksumOutput: AnyObject {
    /// To standard output, as it is.
    func write(_ bytes: [UInt8])
    /// To standard error: the program's name and a line end are added.
    func complain(_ text: String)
}

extension FileName {
    /// Standard input, which is read from where it is to its end: by one at a time, and the next finds nothing left.
    var isStandardInput: Bool { self == Array("-".utf8) }
}

extension AIOContext {
    /// Writes a line for each file, in their order; several are read at once.
    ///
    /// - Returns: whether all could be read.
    public func writeChecksums(
        of names: [FileName], style: ChecksumLine.Style, width: Int, to output: any ChecksumOutput
    ) async throws -> Bool {
        var allRead = true
        try await digests(of: names, width: width) { name, result in
            switch result {
            case .success(let digest): output.write(ChecksumLine(digest: digest, name: name).written(style))
            case .failure(let error):
                allRead = false
                output.complain("\(name.quoted): \(error.reason)")
            }
        }
        return allRead
    }

    /// The checksum of each file, in their order; several are read at once. Standard input is not: each time it is
    /// named it is read when its turn comes, or two would get a part of it each.
    func digests(
        of names: [FileName], width: Int, consume: (FileName, Result<[UInt8], Unreadable>) async throws -> Void
    ) async throws {
        let digest: @Sendable (FileName) async throws -> Result<[UInt8], Unreadable>? = {
            $0.isStandardInput ? nil : try await self.tryDigest(of: $0)
        }
        try await inOrder(names, width: width, digest) { name, result in
            if let result {
                try await consume(name, result)
            } else {
                try await consume(name, tryDigest(of: name))
            }
        }
    }

    /// Being cancelled throws; a file that cannot be read is a result like any other.
    private func tryDigest(of name: FileName) async throws -> Result<[UInt8], Unreadable> {
        do { return .success(try await digest(of: name)) } catch let error as Unreadable { return .failure(error) }
    }
}

public import AIO

/// Where lines go: standard output and error, or a test.
public protocol ChecksumOutput: AnyObject {
    /// To standard output, as it is.
    func write(_ bytes: [UInt8])
    /// To standard error: the program's name and a line end are added.
    func complain(_ text: String)
}

extension FileName {
    /// For messages.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension AIOContext {
    /// Writes a line for each file, in their order; several are read at once.
    ///
    /// - Returns: whether all could be read.
    public func writeChecksums(
        of names: [FileName], style: ChecksumLine.Style, width: Int, to output: any ChecksumOutput
    ) async throws -> Bool {
        var allRead = true
        let digest: @Sendable (FileName) async throws -> Result<[UInt8], Unreadable> = {
            try await self.tryDigest(of: $0)
        }
        try await inOrder(names, width: width, digest) { name, result in
            switch result {
            case .success(let digest): output.write(ChecksumLine(digest: digest, name: name).written(style))
            case .failure(let error):
                allRead = false
                output.complain("\(name.text): \(error.reason)")
            }
        }
        return allRead
    }

    /// Being cancelled throws; a file that cannot be read is a result like any other.
    func tryDigest(of name: FileName) async throws -> Result<[UInt8], Unreadable> {
        do { return .success(try await digest(of: name)) } catch let error as Unreadable { return .failure(error) }
    }
}

public import AIO

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

    /// Calls `consume` with the checksum of each file, in their order; several files are read at once. Standard input
    /// is not: each time it is named, it is read after all names before it, or two readers would get a part of it each.
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

    /// Throws when the task is cancelled; a file that cannot be read is a result like any other.
    private func tryDigest(of name: FileName) async throws -> Result<[UInt8], Unreadable> {
        do { return .success(try await digest(of: name)) } catch let error as Unreadable { return .failure(error) }
    }
}

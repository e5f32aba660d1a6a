public import AIO
internal import Crypto
internal import SystemPackage

extension AIOContext {
    /// Returns the SHA-256 of the contents of a file, or of standard input for "-".
    ///
    /// - Throws: ``Unreadable``, or `CancellationError`.
    public func digest(of name: FileName) async throws -> [UInt8] {
        guard !name.isEmpty else { throw Unreadable.missing }
        do {
            if name.isStandardInput { return try await digest(ofStream: .standardInput) }
            return try await withAIOFile(path(name), on: self) { try await digest(of: $0) }
        } catch let error as AIOError {
            throw Unreadable(error)
        }
    }

    private func digest(of file: AIOFile) async throws -> [UInt8] {
        var hash = SHA256()
        do {
            // Most files end here, and a page cache hit is done inline, without a thread.
            let first = try await file.read(at: 0, count: Self.chunkLength)
            hash.update(first)
            if first.count == Self.chunkLength {
                let rest = Int64(Self.chunkLength)..<Int64.max
                for try await chunk in file.chunks(in: rest, chunkLength: Self.chunkLength, readAhead: 2) {
                    hash.update(chunk)
                }
            } else if !first.isEmpty {
                // Nearly always the end of the file; one that has grown meanwhile is read further.
                var offset = Int64(first.count)
                while case let more = try await file.read(at: offset, count: Self.chunkLength), !more.isEmpty {
                    hash.update(more)
                    offset += Int64(more.count)
                }
            }
        } catch let error as AIOError where error.errno == .illegalSeek {
            // A FIFO: it has no offsets.
            return try await digest(ofStream: file.withUnsafeDescriptor { $0 })
        }
        return Array(hash.finalize())
    }

    /// Returns the SHA-256 of the bytes of a pipe or a terminal, until its end. No thread waits for them.
    private func digest(ofStream descriptor: FileDescriptor) async throws -> [UInt8] {
        var hash = SHA256()
        for try await chunk in try AIOStream(descriptor, closesOnDeinit: false, on: self).chunks() {
            hash.update(chunk)
        }
        return Array(hash.finalize())
    }

    private static var chunkLength: Int { 128 << 10 }

    private func path(_ name: FileName) -> FilePath {
        (name.map(CChar.init(bitPattern:)) + [0]).withUnsafeBufferPointer {
            FilePath(platformString: $0.baseAddress!)
        }
    }
}

extension SHA256 {
    fileprivate mutating func update(_ buffer: AIOBuffer) {
        buffer.withUnsafeBytes { update(bufferPointer: $0) }
    }
}

extension AIOContext {
    /// Returns the contents of a list of checksums.
    func content(of name: FileName) async throws -> [UInt8] {
        guard !name.isEmpty else { throw Unreadable.missing }
        do {
            if !name.isStandardInput {
                return try await withAIOFile(path(name), on: self) { file in
                    do {
                        return Array(try await file.readToEnd())
                    } catch let error as AIOError where error.errno == .illegalSeek {
                        return try await content(ofStream: file.withUnsafeDescriptor { $0 })
                    }
                }
            }
            return try await content(ofStream: .standardInput)
        } catch let error as AIOError {
            // The words of sha256sum for a list that can be opened but not read.
            throw error.code == .isDirectory ? Unreadable(reason: "read error") : Unreadable(error)
        }
    }

    private func content(ofStream descriptor: FileDescriptor) async throws -> [UInt8] {
        try await AIOStream(descriptor, closesOnDeinit: false, on: self).chunks().reduce(into: []) { $0 += $1 }
    }
}

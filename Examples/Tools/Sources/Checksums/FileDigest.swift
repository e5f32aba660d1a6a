public import AIO
internal import Crypto
internal import SystemPackage

/// A file as it was named on the command line or in a list: bytes, as not every name is UTF-8.
public typealias FileName = [UInt8]

/// Why a file has no checksum.
public struct Unreadable: Error, Sendable {
    /// As the system words it: "No such file or directory".
    public let reason: String
}

extension AIOContext {
    /// The SHA-256 of what is in a file, or of standard input for "-".
    ///
    /// - Throws: ``Unreadable``, or `CancellationError`.
    public func digest(of name: FileName) async throws -> [UInt8] {
        do {
            if name == Array("-".utf8) { return try await digest(ofStream: .standardInput) }
            return try await withAIOFile(path(name), on: self) { try await digest(of: $0) }
        } catch let error as AIOError {
            throw Unreadable(reason: error.errno.map { "\($0)" } ?? error.description)
        } catch let error as Errno {
            throw Unreadable(reason: "\(error)")
        }
    }

    private func digest(of file: AIOFile) async throws -> [UInt8] {
        var hash = SHA256()
        do {
            // Most files end here: what the page cache has is read on the spot, without a thread.
            let first = try await file.read(at: 0, count: Self.chunkLength)
            hash.update(first)
            if first.count == Self.chunkLength {
                let rest = Int64(Self.chunkLength)..<Int64.max
                for try await chunk in file.chunks(in: rest, chunkLength: Self.chunkLength, readAhead: 2) {
                    hash.update(chunk)
                }
            } else if !first.isEmpty {
                // Nearly always the end; a file that grows meanwhile is read on.
                var offset = Int64(first.count)
                while case let more = try await file.read(at: offset, count: Self.chunkLength), !more.isEmpty {
                    hash.update(more)
                    offset += Int64(more.count)
                }
            }
        } catch let error as AIOError where error.errno == .illegalSeek {
            // A FIFO: it has no offsets.
            let descriptor = file.withUnsafeDescriptor { $0 }
            defer { withExtendedLifetime(file) {} }
            return try await digest(ofStream: descriptor)
        }
        return Array(hash.finalize())
    }

    /// What comes out of a pipe or a terminal, until its end. Read when it is ready: no thread waits for it.
    private func digest(ofStream descriptor: FileDescriptor) async throws -> [UInt8] {
        var hash = SHA256()
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            _ = try await ready(descriptor, for: .readable)
            let count = try bytes.withUnsafeMutableBytes { try descriptor.read(into: $0) }
            if count == 0 { return Array(hash.finalize()) }
            bytes.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
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
    /// All that is in a list of checksums.
    func content(of name: FileName) async throws -> [UInt8] {
        do {
            if name != Array("-".utf8) {
                return try await withAIOFile(path(name), on: self) { Array(try await $0.readToEnd()) }
            }
            var content: [UInt8] = []
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                _ = try await ready(.standardInput, for: .readable)
                let count = try bytes.withUnsafeMutableBytes { try FileDescriptor.standardInput.read(into: $0) }
                if count == 0 { return content }
                content += bytes[..<count]
            }
        } catch let error as AIOError {
            // As sha256sum words it when the list can be opened, and then not read.
            throw Unreadable(
                reason: error.code == .isDirectory ? "read error" : error.errno.map { "\($0)" } ?? "\(error)")
        } catch let error as Errno {
            throw Unreadable(reason: "\(error)")
        }
    }
}

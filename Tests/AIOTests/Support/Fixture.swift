import AIO
import SystemPackage
import TestSupport

/// A file full of a pattern and a context to read it on, for the time of one test.
struct Fixture: Sendable {
    let setting: Setting
    let source: PatternFile
    let context: AIOContext

    var pattern: BytePattern { source.pattern }
    var size: Int { source.size }
    var path: FilePath { source.path }

    /// The pattern file.
    func open(
        _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = []
    ) async throws -> AIOFile {
        try await AIOFile.open(path, mode, options: options, caching: setting.caching, on: context)
    }

    /// A new file beside it, empty.
    func create(_ name: String = "new", options: FileDescriptor.OpenOptions = []) async throws -> AIOFile {
        try await AIOFile.open(
            source.directory.path(name), .readWrite, options: options.union(.create), permissions: .ownerReadWrite,
            caching: setting.caching, on: context)
    }

    /// The pattern's bytes as a buffer.
    func buffer(at offset: Int64 = 0, count: Int) -> AIOBuffer {
        AIOBuffer(copying: pattern.bytes(at: offset, count: count))
    }
}

/// - Parameters:
///   - size: of the pattern file, in bytes.
///   - configuration: of the context.
func withFixture<R: Sendable>(
    _ setting: Setting, size: Int = 1 << 20, configuration: AIOContext.Configuration = .depth(64),
    _ body: (Fixture) async throws -> R
) async throws -> R {
    let source = try PatternFile(size: size, seed: 11, in: setting.directory())
    return try await withAIOContext(configuration) { context in
        try await body(Fixture(setting: setting, source: source, context: context))
    }
}

extension AIOContext.Configuration {
    /// The default one with a queue of this depth.
    static func depth(_ queueDepth: Int) -> AIOContext.Configuration {
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = queueDepth
        return configuration
    }
}

/// What is in a file, read with plain calls.
func contents(of path: FilePath, at offset: Int64 = 0, count: Int = 64 << 20) throws -> [UInt8] {
    let file = try OpenDescriptor(path)
    let size = try file.size()
    let count = Int(clamping: min(max(0, size - offset), Int64(count)))
    return try [UInt8](unsafeUninitializedCapacity: count) { memory, done in
        while done < count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[done..<count])
            let read = try file.descriptor.read(fromAbsoluteOffset: offset + Int64(done), into: rest)
            if read == 0 { break }
            done += read
        }
    }
}

import AIO
import SystemPackage
import TestSupport

/// A file full of a pattern, and a context to read it on, for one test.
struct Fixture: Sendable {
    let setting: Setting
    let source: PatternFile
    let context: AIOContext

    var pattern: BytePattern { source.pattern }
    var size: Int { source.size }
    var path: FilePath { source.path }

    /// Opens the pattern file.
    func open(
        _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = []
    ) async throws -> AIOFile {
        try await AIOFile.open(path, mode, options: options, caching: setting.caching, on: context)
    }

    /// Creates an empty file beside it.
    func create(_ name: String = "new", options: FileDescriptor.OpenOptions = []) async throws -> AIOFile {
        try await AIOFile.open(
            source.directory.path(name), .readWrite, options: options.union(.create), permissions: .ownerReadWrite,
            caching: setting.caching, on: context)
    }

    /// Returns the pattern's bytes as a buffer.
    func buffer(at offset: Int64 = 0, count: Int) -> AIOBuffer {
        AIOBuffer(copying: pattern.bytes(at: offset, count: count))
    }
}

/// Runs `body` with a fixture, whose context is shut down afterwards.
///
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

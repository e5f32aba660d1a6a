internal import NIOCore
internal import Synchronization
package import SystemPackage
internal import _NIOFileSystem

/// The same directory read through NIOFileSystem, for comparison. Here a link may lead out of the directory.
package struct NIOFileRoot: OpensFiles {
    private let root: FilePath

    package init(_ root: FilePath) { self.root = root }

    package func open(_ path: String) async throws -> OpenedFile {
        do {
            let source = NIOSource(try await FileSystem.shared.openFile(forReadingAt: root.appending(path)))
            let information = try await source.handle.info()
            let modified = information.lastDataModificationTime
            return OpenedFile(
                source: source,
                information: .init(
                    size: information.size, inode: 0,
                    modified: (Int64(modified.seconds), Int64(modified.nanoseconds)),
                    isDirectory: information.type == .directory))
        } catch let error as FileSystemError where error.code == .notFound {
            throw Errno.noSuchFileOrDirectory
        }
    }
}

/// Closes its handle after the read, or when it is released without one.
private final class NIOSource: FileSource {
    let handle: ReadFileHandle
    private let isRead = Atomic(false)

    init(_ handle: ReadFileHandle) { self.handle = handle }

    deinit {
        guard !isRead.load(ordering: .relaxed) else { return }
        Task { [handle] in try? await handle.close() }
    }

    func read(
        _ range: Range<Int64>, as streaming: FileStreaming, _ consume: (ByteBuffer) async throws -> Void
    ) async throws {
        isRead.store(true, ordering: .relaxed)
        do {
            let chunks = handle.readChunks(in: range, chunkLength: .bytes(Int64(streaming.chunkLength)))
            for try await chunk in chunks { try await consume(chunk) }
        } catch {
            try? await handle.close()
            throw error
        }
        try await handle.close()
    }
}

package import AIO
internal import CFileServing
internal import Glibc
internal import NIOPosix
package import SystemPackage

/// Opens the files of a directory, by paths relative to it.
package protocol OpensFiles: Sendable {
    /// - Throws: `Errno` for what is wrong with the path.
    func open(_ path: String) async throws -> OpenedFile
}

/// The directory whose files are served, and nothing outside of it.
package final class FileRoot: OpensFiles {
    private let descriptor: Int32
    private let isLocal: Bool
    private let context: AIOContext

    package init(_ path: FilePath, on context: AIOContext) throws(Errno) {
        self.context = context
        let result = served_root(path.string)
        guard result >= 0 else { throw Errno(rawValue: -result) }
        descriptor = result
        isLocal = served_is_local(result) != 0
    }

    deinit { served_close(descriptor) }

    /// Opens the file at a path: on the calling thread when the kernel has everything that this needs in its cache, and
    /// otherwise on a thread that may wait for the disk.
    ///
    /// - Throws: `Errno`: `.noSuchFileOrDirectory`, `.permissionDenied`; `EXDEV` or `ELOOP` for a link that is not
    ///   followed; and ``AIOError``.
    package func open(_ path: String) async throws -> OpenedFile {
        if isLocal {
            var file = served_file()
            let result = served_open_at_once(descriptor, path, &file)
            if result != -EAGAIN { return try makeFile(result, file) }
        }
        return try await NIOThreadPool.singleton.runIfActive { [self] in
            var file = served_file()
            return try makeFile(served_open(descriptor, path, &file), file)
        }
    }

    private func makeFile(_ result: Int32, _ file: served_file) throws -> OpenedFile {
        guard result >= 0 else { throw Errno(rawValue: -result) }
        do {
            // A directory too: its bytes are never read, but the file closes it.
            let opened = try AIOFile(FileDescriptor(rawValue: result), closesOnDeinit: true, on: context)
            return OpenedFile(
                source: EngineSource(opened),
                information: .init(
                    size: file.size, inode: file.inode,
                    modified: (file.modified_seconds, file.modified_nanoseconds), isDirectory: file.is_directory != 0))
        } catch {
            served_close(result)
            throw error
        }
    }
}

/// An open file, and its information at the time of opening.
package struct OpenedFile: Sendable {
    package struct Information: Sendable {
        package let size: Int64
        package let inode: UInt64
        package let modified: (seconds: Int64, nanoseconds: Int64)
        package let isDirectory: Bool
    }

    package let source: any FileSource
    package let information: Information
}

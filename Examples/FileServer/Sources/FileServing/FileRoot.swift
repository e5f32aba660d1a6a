package import AIO
internal import CFileServing
internal import NIOPosix
package import SystemPackage

/// The directory whose files are served, and nothing outside of it.
package final class FileRoot: Sendable {
    private let descriptor: Int32

    package init(_ path: FilePath) throws(Errno) {
        let result = served_root(path.string)
        guard result >= 0 else { throw Errno(rawValue: -result) }
        descriptor = result
    }

    deinit { served_close(descriptor) }

    /// What is at a path, opened. On a thread that may wait for the disk.
    ///
    /// - Throws: `Errno`: `.noSuchFileOrDirectory`, `.permissionDenied`; `EXDEV` or `ELOOP` for a link that is not
    ///   followed; and ``AIOError``.
    package func open(_ path: String, on context: AIOContext) async throws -> OpenedFile {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var file = served_file()
            let result = served_open(descriptor, path, &file)
            guard result >= 0 else { throw Errno(rawValue: -result) }
            let information = OpenedFile.Information(
                size: file.size, inode: file.inode,
                modified: (file.modified_seconds, file.modified_nanoseconds), isDirectory: file.is_directory != 0)
            do {
                // Reading a directory's bytes makes no sense, but closing it does.
                let opened = try AIOFile(FileDescriptor(rawValue: result), closesOnDeinit: true, on: context)
                return OpenedFile(file: opened, information: information)
            } catch {
                served_close(result)
                throw error
            }
        }
    }
}

/// A file and what it was when it was opened.
package struct OpenedFile: Sendable {
    package struct Information: Sendable {
        package let size: Int64
        package let inode: UInt64
        package let modified: (seconds: Int64, nanoseconds: Int64)
        package let isDirectory: Bool
    }

    package let file: AIOFile
    package let information: Information
}

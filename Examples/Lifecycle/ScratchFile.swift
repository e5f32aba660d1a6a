import AIO
import Glibc
import Synchronization
import SystemPackage

/// Makes a file in TMPDIR, or in the current directory, and removes its name: nothing stays behind, however this
/// program ends.
///
/// - Parameter size: how many zero bytes it has, written and on the disk. A direct write over them is asynchronous in the kernel;
///   one that extends the file is not.
func scratchDescriptor(size: Int = 0) throws -> FileDescriptor {
    let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "."
    let path = FilePath(directory).appending("lifecycle-\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp")
    let descriptor: FileDescriptor
    do {
        descriptor = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
    } catch let error as Errno {
        throw AIOError(
            .other, operation: "making a file in \(directory)", errno: error,
            advice: "set TMPDIR to a directory of yours")
    }
    path.withPlatformString { _ = unlink($0) }
    if size > 0 {
        try descriptor.writeAll(repeatElement(0, count: size))
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        // A direct write to a range that has pages in the page cache is not asynchronous either.
        posix_fadvise(descriptor.rawValue, 0, 0, POSIX_FADV_DONTNEED)
    }
    return descriptor
}

private let wasNoted = Atomic<Bool>(false)

/// Makes such a file as an `AIOFile` of the context: direct where the file system has O_DIRECT.
func scratchFile(size: Int, on context: AIOContext) throws -> AIOFile {
    let descriptor = try scratchDescriptor(size: size)
    do {
        return try AIOFile(descriptor, closesOnDeinit: true, caching: .direct, on: context)
    } catch let error as AIOError where error.code == .unsupported {
        // Once: there are many files, all in the same directory.
        if !wasNoted.exchange(true, ordering: .relaxed) {
            say("note", "this file system has no O_DIRECT: buffered instead, by blocking threads")
        }
        return try AIOFile(descriptor, closesOnDeinit: true, on: context)
    }
}

extension FileDescriptor {
    /// Switches O_DIRECT on. Returns false where the file system has none.
    func bypassPageCache() -> Bool {
        // O_DIRECT, which the Glibc module does not show.
        #if arch(arm64) || arch(arm)
            let direct: Int32 = 0x10000
        #else
            let direct: Int32 = 0x4000
        #endif
        let flags = fcntl(rawValue, F_GETFL)
        return flags >= 0 && fcntl(rawValue, F_SETFL, flags | direct) == 0
    }
}

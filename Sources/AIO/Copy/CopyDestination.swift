internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import SystemPackage

/// The file that a copy is written to, and whether the copy made it.
struct CopyDestination {
    let file: AIOFile
    let path: FilePath
    /// The identity of the file that the copy made; nil if the file existed before.
    let made: caio_identity?

    /// Makes the file, or opens and empties an existing one.
    ///
    /// It does not use ``AIOFile/open(_:_:options:permissions:caching:on:)``, which returns at once when it is
    /// cancelled: that would leave a new file behind.
    static func open(_ path: FilePath, source: AIOFile) async throws -> CopyDestination {
        let details = ErrorDetails("open", path: path)
        guard !path.isEmpty, path.withPlatformString({ strlen($0) }) == path.length else {
            throw details.error(.invalidArgument, advice: "the path is empty, or has a NUL in it")
        }
        try source.beginUse(details)
        defer { source.lease.endUse() }
        let sourceDescriptor = source.lease.descriptor
        let opening = BlockingResult<CopyOpening>()
        let outcome = await source.context.performBlocking(kind: .open, policy: .report) { [source = source.path] in
            var attempt = CopyOpening(path, details, source: ErrorDetails("copy", path: source))
            defer { opening.store(attempt) }
            return attempt.open(source: sourceDescriptor)
        }
        let opened = opening.value
        if let refusal = opened?.refusal { throw refusal }
        let descriptor = Int32(try outcome.get(details))
        let made = opened?.made
        do {
            let file = AIOFile(
                descriptor, ownsDescriptor: true, path: path, try CopyOpening.traits(of: opened, details),
                source.context)
            return CopyDestination(file: file, path: path, made: made)
        } catch {
            if let made { _ = path.withPlatformString { caio_unlink($0, made) } }
            _ = caio_close(descriptor)
            throw error
        }
    }

    /// Removes the file if the copy made it, and closes it. A cancelled task waits for that too.
    ///
    /// The file may be closed already: network file systems report a failed write only then. The name is still checked
    /// by the file's identity, and the inode number of a file that still has a name belongs to no other file.
    func remove() async {
        if let made {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                // Not on the blocking pool, which refuses work of a cancelled task.
                Housekeeping.shared.run {
                    _ = path.withPlatformString { caio_unlink($0, made) }
                    continuation.resume()
                }
            }
        }
        try? await file.close()
    }
}

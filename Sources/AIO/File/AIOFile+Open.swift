internal import AIOEngine
internal import AIOKernel
internal import CAIOShims
internal import Glibc
public import SystemPackage

extension AIOFile {
    /// Opens a file: open(2) with `O_CLOEXEC`, on a blocking thread.
    ///
    /// A file on a disk of this machine that is opened for reading, and whose path is in the kernel's cache, is opened
    /// inline: openat2(2) with `RESOLVE_CACHED`. That requires Linux 5.12, and that a file of the same disk was opened
    /// before.
    ///
    /// - Parameters:
    ///   - path: absolute, or relative to the current directory.
    ///   - mode: for reading, writing or both.
    ///   - options: further flags of open(2).
    ///   - permissions: of a file that is created, less the umask; required with `FileDescriptor.OpenOptions.create`.
    ///   - caching: ``Caching/direct`` adds `O_DIRECT`.
    ///   - context: does the I/O; nil for ``AIOContext/shared``.
    /// - Throws: ``AIOError/Code/notFound``, ``AIOError/Code/permissionDenied``, ``AIOError/Code/isDirectory``,
    ///   ``AIOError/Code/alreadyExists``, ``AIOError/Code/unsupported`` when the file has no direct I/O, and so
    ///   on; `CancellationError` at once when the task is cancelled, and a descriptor that the call returns later is
    ///   closed again.
    public static func open(
        _ path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = [],
        permissions: FilePermissions? = nil, caching: Caching = .buffered, on context: AIOContext? = nil
    ) async throws -> AIOFile {
        let details = ErrorDetails("open", path: path)
        guard !path.isEmpty else { throw details.error(.invalidArgument, advice: "the path is empty") }
        // open(2) would read the path up to the NUL, and open another file.
        guard path.withPlatformString({ strlen($0) }) == path.length else {
            throw details.error(.invalidArgument, advice: "the path has a NUL in it")
        }
        guard permissions != nil || !options.contains(.create) else {
            throw details.error(.invalidArgument, advice: "creating a file takes permissions")
        }
        let context = try context ?? .shared
        let flags = mode.rawValue | options.rawValue | (caching == .direct ? caio_o_direct : 0)
        if let file = try openInline(path, flags, on: context, details) { return file }
        let permissionBits = UInt32(permissions?.rawValue ?? 0)
        let traits = BlockingResult<Result<FileTraits, AIOError>>()
        let outcome = await context.performBlocking(kind: .open, policy: .abandon, path: path) {
            let descriptor = path.withPlatformString { caio_open($0, flags, permissionBits) }
            guard descriptor >= 0 else { return Int(descriptor) }
            // On this thread, as these calls may wait for a file server as well.
            traits.store(Result { () throws(AIOError) in try FileTraits(descriptor, flags: flags, details) })
            return Int(descriptor)
        } discard: {
            if $0 >= 0 { _ = caio_close(Int32($0)) }
        }
        if caching == .direct, outcome.errno == .invalidArgument { throw FileTraits.noDirect(details) }
        let descriptor = Int32(try outcome.get(details))
        do {
            return AIOFile(descriptor, ownsDescriptor: true, path: path, try traits.found(details), context)
        } catch {
            _ = caio_close(descriptor)
            throw error
        }
    }
}

extension AIOFile {
    /// Opens a file if that needs no wait.
    ///
    /// - Returns: the file; nil if a blocking thread has to open it, or to find out what is wrong.
    private static func openInline(
        _ path: FilePath, _ flags: Int32, on context: AIOContext, _ details: ErrorDetails
    ) throws(AIOError) -> AIOFile? {
        // The engine reports the refusal or the cancellation.
        guard context.engine.refusal == nil, !Task.isCancelled else { return nil }
        let start = caio_monotonic_ns()
        var information = caio_file_info()
        let descriptor = path.withPlatformString { caio_open_at_once($0, flags, &information) }
        guard descriptor >= 0 else { return nil }
        do {
            let traits = try FileTraits(descriptor, information, flags: flags, details)
            context.engine.recordInline(.open, Int(descriptor), since: start)
            return AIOFile(descriptor, ownsDescriptor: true, path: path, traits, context)
        } catch {
            _ = caio_close(descriptor)
            throw error
        }
    }
}

/// Opens a file, runs `body` with it, and closes it afterwards.
///
/// Task cancellation reaches the opening and `body`; the closing is awaited all the same.
///
/// - Parameters:
///   - path: as of ``AIOFile/open(_:_:options:permissions:caching:on:)``, like the other parameters before `body`.
///   - body: runs where the caller is.
/// - Returns: what `body` returned.
/// - Throws: what ``AIOFile/open(_:_:options:permissions:caching:on:)`` or `body` throws, or, after a `body` that
///   returned, ``AIOFile/close()``.
public func withAIOFile<R: Sendable>(
    _ path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = [],
    permissions: FilePermissions? = nil, caching: AIOFile.Caching = .buffered, on context: AIOContext? = nil,
    _ body: (AIOFile) async throws -> R
) async throws -> R {
    let file = try await AIOFile.open(
        path, mode, options: options, permissions: permissions, caching: caching, on: context)
    let result: R
    do {
        result = try await body(file)
    } catch {
        try? await file.close()
        throw error
    }
    try await file.close()
    return result
}

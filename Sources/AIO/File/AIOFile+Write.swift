internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

extension AIOFile {
    /// Writes a buffer: pwrite(2), as one `IOCB_CMD_PWRITE` iocb on a direct file. The bytes are not copied if their
    /// memory is aligned. The buffer may be changed meanwhile: the file gets the bytes as they were at the call.
    ///
    /// On a buffered file, a blocking thread copies the bytes to the page cache.
    ///
    /// - Parameters:
    ///   - buffer: at most 2,147,479,552 bytes; an empty one writes nothing.
    ///   - offset: the offset in the file, in bytes, 0 and up; without meaning with ``AIOOptions/append`` or on a
    ///     file opened for appending.
    ///   - options: ``AIOOptions/dataSync``, ``AIOOptions/append`` and so on.
    /// - Returns: how many bytes were written; fewer than requested when the space ran out on the way.
    /// - Throws: ``AIOError``, ``AIOError/Code/misaligned`` among them when offset or count do not have a direct file's
    ///   ``alignment``. `CancellationError` if the task was cancelled before the write reached the kernel; after that
    ///   the write's own result is reported, as the bytes are in the file.
    public func write(_ buffer: AIOBuffer, at offset: Int64, options: AIOOptions = []) async throws -> Int {
        let count = buffer.count
        try beginUse(details("write", at: offset, count: count), at: offset, count: count)
        defer { lease.endUse() }
        try checkAlignment(
            offset: appends(options) ? 0 : offset, count: count, details("write", at: offset, count: count))
        if Task.isCancelled { throw details("write", at: offset, count: count).cancellation }
        guard count > 0 else { return 0 }
        // Callers do not control where a buffer begins in memory: a widened read leaves it anywhere. So it is copied
        // here.
        let aligned =
            Int(bitPattern: buffer.bytes.baseAddress) % alignment.memory == 0
            ? buffer : AIOBuffer(copying: UnsafeRawBufferPointer(buffer.bytes))
        let outcome = await transferOut(
            UnsafeRawBufferPointer(aligned.bytes), at: offset, options.flags, owner: aligned.storage)
        withExtendedLifetime((buffer, aligned)) {}
        return try written(outcome, options, details("write", at: offset, count: count))
    }

    /// Writes bytes, copied to a buffer first; otherwise as ``write(_:at:options:)-(AIOBuffer,_,_)``.
    public func write(
        _ bytes: some Sequence<UInt8> & Sendable, at offset: Int64, options: AIOOptions = []
    ) async throws -> Int {
        try await write(AIOBuffer(copying: bytes), at: offset, options: options)
    }

    /// Writes a whole buffer, in as many operations as necessary.
    ///
    /// - Parameters:
    ///   - buffer: the bytes.
    ///   - offset: as of ``write(_:at:options:)-(AIOBuffer,_,_)``.
    ///   - options: of every write.
    /// - Throws: as ``write(_:at:options:)-(AIOBuffer,_,_)``, cancellation included;
    ///   ``AIOError/Code/noSpace`` when nothing more can be written. The bytes written before an error are in the file.
    public func writeAll(_ buffer: AIOBuffer, at offset: Int64, options: AIOOptions = []) async throws {
        var done = 0
        repeat {
            let rest = AIOBuffer(buffer.storage, start: buffer.start + done, count: buffer.count - done)
            let written = try await write(rest, at: offset + Int64(done), options: options)
            guard written > 0 || rest.isEmpty else {
                throw details("write", at: offset + Int64(done), count: rest.count).error(
                    .noSpace, advice: "nothing more could be written")
            }
            done += written
        } while done < buffer.count
    }

    /// What ``synchronize(_:)`` makes durable.
    public enum SyncMode: Sendable {
        /// The data and all metadata: fsync(2).
        case full
        /// The data, and the metadata that is needed to find it: fdatasync(2).
        case dataOnly
    }

    /// Waits until what was written is on stable storage: `IOCB_CMD_FSYNC`, or `IOCB_CMD_FDSYNC`.
    ///
    /// It covers the writes that had completed before the call. The kernel runs fsync(2) or fdatasync(2) on one of its
    /// own threads.
    ///
    /// - Parameter mode: whether all metadata is made durable too.
    /// - Throws: ``AIOError``. `CancellationError` if the task was cancelled before the operation reached the kernel;
    ///   after that the operation's own result is reported.
    public func synchronize(_ mode: SyncMode = .full) async throws {
        try beginUse(details("synchronize"))
        defer { lease.endUse() }
        let outcome = await context.perform(
            Operation(
                .synchronize(descriptor, dataOnly: mode == .dataOnly), kind: .synchronize, route: .kernel,
                policy: .report, lease: .passUnretained(lease)))
        _ = try outcome.get(details("synchronize"))
    }

    /// Whether a write goes to the end of the file, whatever its offset.
    func appends(_ options: AIOOptions) -> Bool { isAppending || options.contains(.append) }

    /// Returns how many bytes were written, or throws the outcome's error.
    func written(_ outcome: Outcome, _ options: AIOOptions, _ details: @autoclosure () -> ErrorDetails) throws -> Int {
        guard outcome.errno == .invalidArgument, alignment.offset > 1, appends(options) else {
            return try outcome.get(details())
        }
        // Everything else was checked before: only the kernel knows the offset at which an append writes.
        throw details().error(
            .misaligned, errno: .invalidArgument,
            advice: "a direct append needs a file whose size is a multiple of \(alignment.offset)")
    }

    /// Throws if a direct write is not aligned. It cannot be widened, as that would write other bytes than the
    /// caller's.
    func checkAlignment(offset: Int64, count: Int, _ details: @autoclosure () -> ErrorDetails) throws {
        guard !isAligned(offset: offset, count: count, address: nil) else { return }
        throw details().error(
            .misaligned,
            advice: "a direct write's offset and count have to be multiples of \(alignment.offset) on this file")
    }
}

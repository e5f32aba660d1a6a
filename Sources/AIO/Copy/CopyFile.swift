internal import AIOEngine
internal import CAIOShims
internal import Synchronization
public import SystemPackage

/// Copies a regular file: its bytes, its holes and its permission bits.
///
/// Several chunks are copied at once, each by copy_file_range(2) on a blocking thread of the context, or by pread(2)
/// and pwrite(2) where the kernel does not support that for the two files. A file system that can share blocks does so.
/// The disk starts to write while the copying continues; to be safe against a power failure, the copy needs an
/// ``AIOFile/synchronize(_:)`` afterwards.
///
/// An existing destination is overwritten, and keeps its other hard links. Its permission bits become those of the
/// source; owner, times and extended attributes are not copied.
///
/// - Parameters:
///   - source: a regular file. Bytes that are added to it meanwhile are not copied; if it gets shorter, so does the
///     copy.
///   - destination: a path; must not be the same file.
///   - chunkLength: in bytes, 1 … 2,147,479,552.
///   - inFlight: how many chunks are copied at once, 1 … 1,024.
///   - context: does the I/O; nil for ``AIOContext/shared``.
///   - progress: called with the number of bytes done, holes included, and the total. The number never decreases, also
///     if the source has lost bytes that were done, and the last call has done = total. One thread at a time calls it,
///     and the copying waits for it.
/// - Returns: the size of the copy in bytes.
/// - Throws: ``AIOError``; its text says how many bytes had been copied, ``AIOError/Code/noSpace`` included.
///   `CancellationError` when the task is cancelled, once the chunks that are being copied have completed. In both
///   cases a destination that was made here is removed; one that existed before is left as far as it was written.
public func copyFile(
    from source: FilePath, to destination: FilePath, chunkLength: Int = 1 << 20, inFlight: Int = 8,
    on context: AIOContext? = nil, progress: (@Sendable (_ done: Int64, _ total: Int64) -> Void)? = nil
) async throws -> Int64 {
    let details = ErrorDetails("copy", path: source)
    guard chunkLength >= 1, chunkLength <= Int(CAIO_MAXIMUM_COUNT) else {
        throw details.error(
            .invalidArgument, advice: "chunkLength is \(chunkLength); it must be between 1 and \(CAIO_MAXIMUM_COUNT)")
    }
    guard inFlight >= 1, inFlight <= 1024 else {
        throw details.error(.invalidArgument, advice: "inFlight is \(inFlight); it must be between 1 and 1024")
    }
    // nonBlocking: the opening of a FIFO, which is refused below, does not wait for its other end. For a regular file
    // the flag has no effect.
    let from = try await AIOFile.open(source, options: .nonBlocking, on: context)
    do {
        let size = try await copy(
            from, to: try await CopyDestination.open(destination, source: from), chunkLength: chunkLength,
            inFlight: inFlight, progress: progress)
        // Closed before the return, as the caller may want to unmount the source's file system.
        try? await from.close()
        return size
    } catch {
        try? await from.close()
        throw error
    }
}

private func copy(
    _ from: AIOFile, to destination: CopyDestination, chunkLength: Int, inFlight: Int,
    progress: (@Sendable (Int64, Int64) -> Void)?
) async throws -> Int64 {
    do {
        let copy = FileCopy(
            from: from, to: destination.file, chunkLength: chunkLength, inFlight: inFlight, progress: progress)
        let size = try await copy.run()
        try await destination.file.close()
        return size
    } catch {
        await destination.remove()
        throw error
    }
}

/// One copy between two open files.
private struct FileCopy {
    let from: AIOFile
    let to: AIOFile
    let chunkLength: Int
    let inFlight: Int
    let progress: (@Sendable (Int64, Int64) -> Void)?
    private let copied = CopiedBytes()

    init(
        from: AIOFile, to: AIOFile, chunkLength: Int, inFlight: Int,
        progress: (@Sendable (Int64, Int64) -> Void)?
    ) {
        self.from = from
        self.to = to
        self.chunkLength = chunkLength
        self.inFlight = inFlight
        self.progress = progress
    }

    func run() async throws -> Int64 {
        let source = try await from.information("size", policy: .report)
        let (size, reported): (Int64, Int64)
        do {
            // Files of /proc report a size of 0.
            (size, reported) = source.size > 0 ? try await copyData(source.size) : (try await copyUntilEnd(), 0)
            let (mode, end) = (source.mode & 0o777, size)
            try await to.call("copy") {
                let result = Int(caio_ftruncate($0, end))
                return result < 0 ? result : Int(caio_set_mode($0, mode))
            }
        } catch var error as AIOError {
            error.advice += error.advice.isEmpty ? "" : "; "
            let total = source.size > 0 ? " of \(source.size)" : ""
            error.advice += "\(copied.count.load(ordering: .relaxed))\(total) bytes had been copied"
            throw error
        }
        // The last call reports that all bytes are done. If the source has become shorter, more bytes may have been
        // reported already than there are.
        let all = max(size, reported)
        progress?(all, all)
        return size
    }

    /// Copies the source's data, and skips its holes.
    ///
    /// - Returns: the size of the source at the end, and the highest number of bytes that was reported.
    private func copyData(_ total: Int64) async throws -> (end: Int64, reported: Int64) {
        try await withThrowingTaskGroup(of: (Range<Int64>, Int).self) { group in
            var plan = CopyPlan(total: total, chunkLength: chunkLength)
            var (running, reported) = (0, Int64(0))
            while true {
                while running < inFlight, let chunk = try await nextChunk(&plan) {
                    group.addTask { (chunk, try await copyChunk(chunk)) }
                    running += 1
                }
                guard let (chunk, count) = try await group.next() else { break }
                running -= 1
                plan.copied(chunk, count: count)
                if plan.done < total {
                    reported = plan.done
                    progress?(reported, total)
                }
            }
            return (
                plan.isEndUncertain
                    ? min(plan.end, try await from.information("size", policy: .report).size) : plan.end, reported
            )
        }
    }

    private func nextChunk(_ plan: inout CopyPlan) async throws -> Range<Int64>? {
        while true {
            switch plan.next() {
            case .copy(let chunk): return chunk
            case .finished: return nil
            case .findData(let offset): plan.foundData(try await from.data(from: offset, in: plan.total))
            }
        }
    }

    /// - Returns: how many bytes of the chunk the source has.
    private func copyChunk(_ chunk: Range<Int64>) async throws -> Int {
        let details = ErrorDetails("copy", path: from.path, offset: chunk.lowerBound, count: chunk.count)
        try from.beginUse(details)
        defer { from.lease.endUse() }
        let (source, copied) = (from.lease.descriptor, copied)
        do {
            return try await to.call("copy", kind: .write) {
                CopyChunk(from: source, to: $0, range: chunk, copied: copied).run()
            }
        } catch var error as AIOError {
            // Space runs out at the destination. Any other error may be that of either file, and the source is named.
            if error.code != .noSpace, error.code != .fileTooLarge { error.path = from.path }
            (error.offset, error.count) = (chunk.lowerBound, chunk.count)
            throw error
        }
    }

    /// Copies a source of unknown size by reading it to its end.
    private func copyUntilEnd() async throws -> Int64 {
        var end: Int64 = 0
        while true {
            let bytes = try await from.read(at: end, count: chunkLength)
            if bytes.isEmpty { return end }
            try await to.writeAll(bytes, at: end)
            end += Int64(bytes.count)
            copied.count.add(Int64(bytes.count), ordering: .relaxed)
        }
    }
}

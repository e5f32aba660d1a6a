internal import AIOEngine
internal import AIOKernel
internal import CAIOShims

extension AIOFile {
    /// Reads consecutive bytes of the file into several buffers, one after the other: preadv(2), as one
    /// `IOCB_CMD_PREADV` iocb for every 1,024 of them.
    ///
    /// On a direct file that requires an aligned offset, and aligned memory and an aligned count of every buffer;
    /// otherwise the bytes are read into one other buffer and copied from there.
    ///
    /// - Parameters:
    ///   - offset: the offset in the file, in bytes, 0 and up.
    ///   - buffers: each is filled to its count before the next one. Memory shared with another buffer is replaced
    ///     first.
    ///   - options: of every iocb.
    /// - Returns: how many bytes were read in all, fewer at the end of the file.
    /// - Throws: as ``read(at:into:options:)-(_,AIOBuffer,_)``.
    public func read(at offset: Int64, into buffers: inout [AIOBuffer], options: AIOOptions = []) async throws -> Int {
        let count = try total(of: buffers, "read", at: offset)
        try beginUse(details("read", at: offset, count: count), at: offset, count: count)
        defer { lease.endUse() }
        if Task.isCancelled { throw details("read", at: offset, count: count).cancellation }
        guard areAligned(buffers, at: offset) else {
            let whole = try await read(at: offset, count: count, options: options)
            buffers.scatter(whole)
            return whole.count
        }
        for index in buffers.indices { buffers[index].makeUnique() }
        return try await transfer(buffers, at: offset, reads: true, options)
    }

    /// Writes several buffers, one after the other: pwritev(2), as one `IOCB_CMD_PWRITEV` iocb for every 1,024
    /// of them.
    ///
    /// - Parameters:
    ///   - buffers: any number.
    ///   - offset: the offset in the file, in bytes, 0 and up.
    ///   - options: of every iocb.
    /// - Returns: how many bytes were written in all; fewer than the buffers have when an iocb was short, or failed
    ///   after others had succeeded.
    /// - Throws: as ``write(_:at:options:)-(AIOBuffer,_,_)``; ``AIOError/Code/misaligned`` also when a buffer's
    ///   own count is not a multiple of ``alignment``.
    public func write(_ buffers: [AIOBuffer], at offset: Int64, options: AIOOptions = []) async throws -> Int {
        let count = try total(of: buffers, "write", at: offset)
        try beginUse(details("write", at: offset, count: count), at: offset, count: count)
        defer { lease.endUse() }
        for buffer in buffers {
            try checkAlignment(
                offset: appends(options) ? 0 : offset, count: buffer.count,
                details("write", at: offset, count: count))
        }
        if Task.isCancelled { throw details("write", at: offset, count: count).cancellation }
        let aligned = buffers.map { buffer in
            Int(bitPattern: buffer.bytes.baseAddress) % alignment.memory == 0
                ? buffer : AIOBuffer(copying: UnsafeRawBufferPointer(buffer.bytes))
        }
        return try await transfer(aligned, at: offset, reads: false, options)
    }

    /// Transfers the buffers, as many with each iocb as it can have, until an iocb is short.
    private func transfer(
        _ buffers: [AIOBuffer], at offset: Int64, reads: Bool, _ options: AIOOptions
    ) async throws -> Int {
        let flags = options.flags
        var done = 0
        var next = buffers.startIndex
        while next < buffers.endIndex {
            let run = buffers[next..<min(next + Int(CAIO_MAXIMUM_VECTORS), buffers.endIndex)]
            next = run.endIndex
            let vectors = Vectors(run)
            guard vectors.byteCount > 0 else { continue }
            let position = offset + Int64(done)
            let block: ControlBlock =
                reads
                ? .readVectors(descriptor, into: vectors.list, at: position, flags: flags)
                : .writeVectors(descriptor, from: vectors.list, at: position, flags: flags)
            let outcome = await perform(
                Operation(
                    block, kind: reads ? .read : .write, route: route(count: vectors.byteCount, flags: flags),
                    policy: reads ? .waitThenCancel : .report, memory: .borrowing(vectors),
                    lease: .passUnretained(lease)))
            withExtendedLifetime(vectors) {}
            // The bytes of earlier iocbs are transferred: the caller gets their count now, and the error next time.
            if outcome.result == nil, done > 0, outcome.errno != nil { break }
            let details = details(reads ? "read" : "write", at: position, count: vectors.byteCount)
            let moved = reads ? try outcome.get(details) : try written(outcome, options, details)
            done += moved
            if moved < vectors.byteCount { break }
        }
        return done
    }

    private func total(of buffers: [AIOBuffer], _ operation: String, at offset: Int64) throws -> Int {
        var total = 0
        for buffer in buffers {
            let (sum, overflow) = total.addingReportingOverflow(buffer.count)
            guard !overflow else {
                throw details(operation, at: offset).error(
                    .invalidArgument, advice: "the buffers are too large together")
            }
            total = sum
        }
        return total
    }

    private func areAligned(_ buffers: [AIOBuffer], at offset: Int64) -> Bool {
        buffers.allSatisfy { isAligned(offset: offset, count: $0.count, address: $0.bytes.baseAddress) }
    }
}

/// The iovec array of one operation, and the memory it points to, kept until the operation has completed.
private final class Vectors: @unchecked Sendable {
    // Unchecked: the pointer in `list`. Nothing is changed after the initializer.
    let list: UnsafeBufferPointer<caio_iovec>
    let byteCount: Int
    private let owners: [BufferStorage]

    init(_ buffers: ArraySlice<AIOBuffer>) {
        let vectors = UnsafeMutableBufferPointer<caio_iovec>.allocate(capacity: buffers.count)
        for (index, buffer) in buffers.enumerated() {
            vectors.initializeElement(
                at: index, to: caio_iovec(iov_base: buffer.bytes.baseAddress, iov_len: buffer.count))
        }
        list = UnsafeBufferPointer(vectors)
        byteCount = buffers.reduce(0) { $0 + $1.count }
        owners = buffers.map(\.storage)
    }

    deinit { list.deallocate() }
}

extension [AIOBuffer] {
    /// Copies the bytes to the buffers, in order; bytes of the buffers behind them are unchanged.
    fileprivate mutating func scatter(_ bytes: AIOBuffer) {
        var done = 0
        for index in indices where done < bytes.count {
            let count = Swift.min(self[index].count, bytes.count - done)
            self[index].replaceFirst(with: AIOBuffer(bytes.storage, start: bytes.start + done, count: count))
            done += count
        }
    }
}

internal import AIOEngine
internal import CAIOShims

extension AIOFile {
    /// Returns the current size in bytes: fstat(2), on a blocking thread unless the file is on a disk of this machine.
    ///
    /// - Throws: ``AIOError``; `CancellationError` at once when the task is cancelled.
    public func size() async throws -> Int64 {
        if isLocal, !Task.isCancelled { return try sizeInline() }
        return try await information("size", policy: .abandon).size
    }

    /// Returns the result of fstat(2), on a blocking thread.
    func information(_ operation: String, policy: CancelPolicy) async throws -> caio_file_info {
        let found = BlockingResult<caio_file_info>()
        try await call(operation, policy: policy) { descriptor in
            var information = caio_file_info()
            let result = caio_file_information(descriptor, &information)
            found.store(information)
            return Int(result)
        }
        return found.value ?? caio_file_info()
    }

    private func sizeInline() throws -> Int64 {
        try beginUse(details("size"))
        defer { lease.endUse() }
        if let refusal = context.engine.refusal { throw details("size").error(refusal) }
        let start = caio_monotonic_ns()
        var information = caio_file_info()
        let result = caio_file_information(lease.descriptor, &information)
        context.engine.recordInline(.metadata, Int(result), since: start)
        _ = try Outcome(Int(result)).get(details("size"))
        return information.size
    }

    /// Makes the file `size` bytes long: ftruncate(2), on a blocking thread. Added bytes read as zeros.
    ///
    /// - Parameter size: in bytes, 0 and up.
    /// - Throws: ``AIOError``: ``AIOError/Code/invalidArgument`` for a negative size or a file open for reading
    ///   only. `CancellationError` if the task was cancelled before a thread had started the call; after that the
    ///   call's own result is reported.
    public func resize(to size: Int64) async throws {
        guard size >= 0 else {
            throw details("resize").error(.invalidArgument, advice: "the size, \(size), is negative")
        }
        try await call("resize") { Int(caio_ftruncate($0, size)) }
    }

    /// Reserves space on the disk for a range: fallocate(2), on a blocking thread. Later writes there do not run
    /// out of space, and direct ones stay asynchronous past the old end of the file.
    ///
    /// - Parameters:
    ///   - range: offsets in bytes, 0 and up; an empty range reserves nothing.
    ///   - keepingSize: whether the file keeps its size although the range goes past it.
    /// - Throws: ``AIOError``: ``AIOError/Code/unsupported`` where the file system does not support it,
    ///   ``AIOError/Code/noSpace``. `CancellationError` if the task was cancelled before a thread had started the call;
    ///   after that the call's own result is reported.
    public func preallocate(_ range: Range<Int64>, keepingSize: Bool = false) async throws {
        guard range.lowerBound >= 0 else {
            throw details("preallocate").error(.invalidArgument, advice: "the range begins at \(range.lowerBound)")
        }
        guard !range.isEmpty else {
            // fallocate(2) refuses a length of 0. A closed file throws here as anywhere.
            try beginUse(details("preallocate"))
            return lease.endUse()
        }
        let mode = keepingSize ? Int32(CAIO_FALLOC_KEEP_SIZE) : 0
        try await call("preallocate") {
            Int(caio_fallocate($0, mode, range.lowerBound, range.upperBound - range.lowerBound))
        }
    }

    /// Waits for this file's operations, then closes it: close(2), on a thread that may block if the call could.
    ///
    /// From the call on, other operations throw ``AIOError/Code/closed``. Idempotent: every call waits, and
    /// throws the same error if there was one. Task cancellation does not cut it short. The descriptor stays open if
    /// the file does not own it.
    ///
    /// - Throws: the error of close(2), such as a write-back that failed; ``AIOError/Code/forked`` in a forked child.
    public func close() async throws {
        guard context.engine.belongsToThisProcess else { throw details("close").error(Outcome.forked) }
        let result = await withUnsafeContinuation { continuation in
            lease.close { continuation.resume(returning: $0) }
        }
        _ = try Outcome(result).get(details("close"))
    }

    /// Makes a blocking call on a blocking thread.
    ///
    /// - Parameters:
    ///   - policy: how cancellation acts once a thread has started the call.
    ///   - body: gets the descriptor, returns the result or -errno.
    @discardableResult func call(
        _ operation: String, kind: OperationKind = .metadata, policy: CancelPolicy = .report,
        _ body: @escaping @Sendable (Int32) -> Int
    ) async throws -> Int {
        try beginUse(details(operation))
        defer { lease.endUse() }
        let descriptor = lease.descriptor
        let outcome = await context.performBlocking(kind: kind, policy: policy, lease: lease) { body(descriptor) }
        return try outcome.get(details(operation))
    }
}

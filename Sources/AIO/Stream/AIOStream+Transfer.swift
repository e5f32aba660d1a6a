internal import AIOEngine
internal import AIOKernel
internal import CAIOShims
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension AIOStream {
    /// Reads the bytes that are available, or waits until there are some.
    ///
    /// - Parameter count: how many bytes at most, 0 and up; at most 1 MiB is read at once.
    /// - Returns: at least 1 byte; an empty buffer at the end of the stream, and for a count of 0.
    /// - Throws: ``AIOError``; `CancellationError` when the task is cancelled, as soon as the kernel has cancelled the
    ///   poll, which takes milliseconds. No byte is lost then. (If another process empties a terminal, or a pipe of an
    ///   old kernel, between poll and read, a blocking thread waits in the read; the bytes that a cancelled read
    ///   receives there are lost.)
    public func read(count: Int = 64 << 10) async throws -> AIOBuffer {
        let details = ErrorDetails("read", count: count)
        guard count >= 0 else { throw details.error(.invalidArgument, advice: "the count is negative") }
        let count = min(count, AIOFile.inlineLimit)
        guard let storage = count == 0 ? .empty : BufferStorage(uninitialized: count) else {
            throw details.error(.noMemory)
        }
        let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[..<count])
        let read = try await transfer(memory, owner: storage, reads: true, policy: .abandon, details)
        return AIOBuffer(storage, start: 0, count: read)
    }

    /// Reads into a buffer's memory, `buffer.count` bytes at most. Nothing is allocated unless the buffer shares its
    /// memory with another one.
    ///
    /// - Parameter buffer: memory shared with another buffer is replaced first, so that the other one keeps its bytes.
    /// - Returns: how many bytes were read; 0 at the end of the stream, or for an empty buffer.
    /// - Throws: as ``read(count:)``.
    public func read(into buffer: inout AIOBuffer) async throws -> Int {
        buffer.makeUnique()
        return try await transfer(
            buffer.bytes, owner: buffer.storage, reads: true, policy: .waitThenCancel,
            ErrorDetails("read", count: buffer.count))
    }

    /// Writes as many bytes as there is room for, or waits until there is room.
    ///
    /// - Parameter buffer: the bytes, any number.
    /// - Returns: how many bytes were written, at least 1 unless the buffer is empty.
    /// - Throws: ``AIOError``, with `EPIPE` in its `errno` when the other end is closed; `CancellationError` when
    ///   the task was cancelled while it waited: nothing was written then.
    public func write(_ buffer: AIOBuffer) async throws -> Int {
        defer { withExtendedLifetime(buffer) {} }
        return try await transfer(
            buffer.bytes, owner: buffer.storage, reads: false, policy: .report,
            ErrorDetails("write", count: buffer.count))
    }

    /// Writes a whole buffer, in as many writes as necessary.
    ///
    /// - Parameter buffer: the bytes, any number.
    /// - Throws: as ``write(_:)``, cancellation included; the first bytes may have been written then.
    public func writeAll(_ buffer: AIOBuffer) async throws {
        var rest = buffer
        while !rest.isEmpty { _ = rest.removeFirst(try await write(rest)) }
    }

    /// Writes all bytes of a sequence, copied to a buffer first; otherwise as ``writeAll(_:)-(AIOBuffer)``.
    public func writeAll(_ bytes: some Sequence<UInt8> & Sendable) async throws {
        try await writeAll(AIOBuffer(copying: bytes))
    }

    private func transfer(
        _ memory: UnsafeMutableRawBufferPointer, owner: BufferStorage, reads: Bool, policy: CancelPolicy,
        _ details: ErrorDetails
    ) async throws -> Int {
        guard context.engine.belongsToThisProcess else { throw details.error(Outcome.forked) }
        guard context.engine.isOpen else { throw details.error(Outcome.shutDown) }
        guard lease.beginUse() else { throw closed(details) }
        defer { lease.endUse() }
        if Task.isCancelled { throw details.cancellation }
        guard !memory.isEmpty else { return 0 }
        while true {
            if let result = attempt(memory, reads: reads) { return try Outcome(result).get(details) }
            if kind != .file { try await waitUntilReady(reads ? .readable : .writable, details) }
            if kind == .file || lease.refusesNoWait.load(ordering: .relaxed) {
                let outcome = await callOnBlockingThread(memory, owner: owner, reads: reads, policy: policy)
                // EAGAIN: another reader or writer was faster, and the descriptor is in non-blocking mode.
                if outcome.errno != .resourceTemporarilyUnavailable { return try outcome.get(details) }
            }
        }
    }

    /// Makes one inline attempt.
    ///
    /// - Returns: the result or -errno; nil when the call would have to wait.
    private func attempt(_ memory: UnsafeMutableRawBufferPointer, reads: Bool) -> Int? {
        guard let base = memory.baseAddress, !lease.refusesNoWait.load(ordering: .relaxed) else { return nil }
        // A larger copy would occupy a cooperative thread for too long.
        let count = min(memory.count, AIOFile.inlineLimit)
        let start = caio_monotonic_ns()
        var result = -Int(EINTR)
        while result == -Int(EINTR) { result = call(base, count, reads: reads) }
        if result == -Int(EAGAIN) { return nil }
        if result == -Int(EOPNOTSUPP), kind != .socket {
            lease.refusesNoWait.store(true, ordering: .relaxed)
            return nil
        }
        context.engine.recordInline(reads ? .read : .write, result, since: start)
        return result
    }

    private func call(_ base: UnsafeMutableRawPointer, _ count: Int, reads: Bool) -> Int {
        if kind == .socket {
            return reads ? caio_receive(lease.descriptor, base, count) : caio_send(lease.descriptor, base, count)
        }
        var vector = caio_iovec(iov_base: base, iov_len: count)
        let flags = Int32(bitPattern: ControlBlock.Flags.noWait.rawValue)
        // -1: at the descriptor's own position, as read(2) and write(2).
        return reads
            ? caio_preadv2(lease.descriptor, &vector, 1, -1, flags)
            : caio_write_quietly(lease.descriptor, &vector, 1, flags)
    }

    private func waitUntilReady(_ events: AIOEvents, _ details: ErrorDetails) async throws {
        let wait = CancellationHandle(context.engine)
        waits.withLock { $0[ObjectIdentifier(wait)] = wait }
        defer { waits.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(wait)) } }
        // Checked after the registration: close() marks the lease first and reads the waits then, so that either this
        // check sees the mark or close() sees the wait.
        guard !lease.isClosed else { throw closed(details) }
        var outcome = await poll(lease.descriptor, for: events, as: wait)
        if outcome.errno == .invalidArgument {
            // The kernel's poll follows one wait queue, and a terminal has two. An epoll instance has one.
            let set = caio_epoll_on(lease.descriptor, events.rawValue)
            guard set >= 0 else { throw details.error(Errno(rawValue: -set)) }
            defer { _ = caio_close(set) }
            outcome = await poll(set, for: .readable, as: wait)
        }
        if outcome == .cancelled, lease.isClosed, !Task.isCancelled { throw closed(details) }
        _ = try outcome.get(details)
    }

    private func poll(_ descriptor: Int32, for events: AIOEvents, as wait: CancellationHandle) async -> Outcome {
        let descriptor = FileDescriptor(rawValue: descriptor)
        return await context.performHandled(
            Operation(.poll(descriptor, for: events.rawValue), kind: .poll, route: .kernel, policy: .report), by: wait)
    }

    /// Makes the plain call on a blocking thread.
    private func callOnBlockingThread(
        _ memory: UnsafeMutableRawBufferPointer, owner: BufferStorage, reads: Bool, policy: CancelPolicy
    ) async -> Outcome {
        let descriptor = FileDescriptor(rawValue: lease.descriptor)
        // A descriptor that is ready has room for this much at least (PIPE_BUF); a longer write could block.
        let count = kind == .file || reads ? memory.count : min(memory.count, 4096)
        let memory = UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
        let block: ControlBlock =
            reads
            ? .read(descriptor, into: memory, at: -1)
            : .write(descriptor, from: UnsafeRawBufferPointer(memory), at: -1)
        return await context.perform(
            Operation(
                block, kind: reads ? .read : .write, route: .blockingCall, policy: policy, memory: .borrowing(owner),
                lease: .passUnretained(lease)))
    }

    private func closed(_ details: ErrorDetails) -> AIOError {
        details.error(.closed, advice: "the stream was closed")
    }
}

internal import AIOEngine
internal import AIOKernel
internal import CAIOShims
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension AIOFile {
    /// Reads into memory: inline what the page cache has, the rest by the engine.
    func transferIn(
        _ memory: UnsafeMutableRawBufferPointer, at offset: Int64, _ flags: ControlBlock.Flags, owner: BufferStorage,
        policy: CancelPolicy
    ) async -> Outcome {
        // The engine checks for cancellation itself, but a page cache hit never reaches it.
        if caching == .buffered, Task.isCancelled { return .cancelled }
        let (done, begun): (Int, Bool)
        switch readCached(memory, at: offset, flags) {
        case .all(let result): return Outcome(result)
        case .first(let count, let isBegun): (done, begun) = (count, isBegun)
        }
        let rest = UnsafeMutableRawBufferPointer(rebasing: memory[done...])
        let outcome = await perform(
            Operation(
                .read(descriptor, into: rest, at: offset + Int64(done), flags: flags), kind: .read,
                route: route(count: rest.count, flags: flags, begun: begun), policy: policy, memory: .borrowing(owner),
                lease: .passUnretained(lease)))
        return outcome.after(done)
    }

    /// How much of a read was done inline.
    enum Cached {
        /// All of it, with this result.
        case all(Int)
        /// This many bytes. The rest has to be waited for; if `begun`, the kernel has started to read it.
        case first(Int, begun: Bool)
    }

    /// Reads inline what preadv2(2) returns without a wait: nothing on a direct file.
    func readCached(
        _ memory: UnsafeMutableRawBufferPointer, at offset: Int64, _ flags: ControlBlock.Flags
    ) -> Cached {
        guard caching == .buffered, memory.count <= Self.inlineLimit else { return .first(0, begun: false) }
        var flags = flags
        // With noWait this is the only attempt, and its result is the read's result.
        let isFinal = flags.contains(.noWait)
        if !isInMemory {
            guard !lease.refusesNoWait.load(ordering: .relaxed) else { return .first(0, begun: false) }
            flags.insert(.noWait)
        }
        let start = caio_monotonic_ns()
        var done = 0
        while done < memory.count {
            var vector = caio_iovec(iov_base: memory.baseAddress! + done, iov_len: memory.count - done)
            let result = caio_preadv2(
                lease.descriptor, &vector, 1, offset + Int64(done), Int32(bitPattern: flags.rawValue))
            if !isFinal, result == -Int(EAGAIN) || result == -Int(EOPNOTSUPP) {
                if result == -Int(EOPNOTSUPP), flags == .noWait { lease.refusesNoWait.store(true, ordering: .relaxed) }
                context.engine.recordBytesRead(done)
                return .first(done, begun: result == -Int(EAGAIN))
            }
            if result < 0, done == 0 { done = result }
            // A short result may be the end of the file, or of what the cache has: another attempt shows which.
            if result <= 0 { break }
            done += result
        }
        context.engine.recordInline(.read, done, since: start)
        return .all(done)
    }

    /// Writes from memory.
    func transferOut(
        _ memory: UnsafeRawBufferPointer, at offset: Int64, _ flags: ControlBlock.Flags, owner: BufferStorage
    ) async -> Outcome {
        await perform(
            Operation(
                .write(descriptor, from: memory, at: offset, flags: flags), kind: .write,
                route: route(count: memory.count, flags: flags), policy: .report, memory: .borrowing(owner),
                lease: .passUnretained(lease)))
    }

    /// Whether a transfer has the alignment that the file needs.
    func isAligned(offset: Int64, count: Int, address: UnsafeRawPointer?) -> Bool {
        guard caching == .direct else { return true }
        let unit = Int64(alignment.offset)
        return offset % unit == 0 && Int64(count) % unit == 0 && Int(bitPattern: address) % alignment.memory == 0
    }
}

internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

/// Reads that are under way ahead of their reader, with a slot for the outcome of each.
///
/// One task at a time starts reads, waits for them and removes them; their completions are called on any thread. Each
/// operation holds the ring, which so outlives an iterator that was dropped.
final class ReadRing: @unchecked Sendable {
    // Unchecked: a slot belongs to its operation from `start` until `state` is `done`, then to the reading task.
    private struct Slot: ~Copyable {
        /// `pending`, `done`, or the continuation of the task that waits for the read, as bits.
        let state = Atomic<UInt>(ReadRing.pending)
        var read = Read()
        var id: OperationID?
        var ring: Unmanaged<ReadRing>?
    }

    /// A read and its outcome.
    struct Read {
        var storage = BufferStorage.empty
        /// How many bytes precede the first requested one.
        var lead = 0
        var count = 0
        /// How many bytes were read inline.
        var cached = 0
        var outcome = Outcome(0)
        /// Whether all of the read was done inline.
        var isInline = false
        /// The error of a read that could not be started.
        var failure: (any Error)?

        /// Returns the requested bytes that were read; fewer than `count` is no error.
        func bytes(_ details: @autoclosure () -> ErrorDetails) throws -> AIOBuffer {
            if let failure { throw failure }
            let read = try outcome.after(cached).get(details())
            return AIOBuffer(storage, start: lead, count: min(max(0, read - lead), count))
        }
    }

    // A continuation is a pointer, and so never one of these.
    private static var pending: UInt { 0 }
    private static var done: UInt { 1 }

    let file: AIOFile
    private let slots: UnsafeMutablePointer<Slot>
    private let capacity: Int

    init(_ file: AIOFile, capacity: Int) {
        self.file = file
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
        for index in 0..<capacity { (slots + index).initialize(to: Slot()) }
    }

    deinit {
        slots.deinitialize(count: capacity)
        slots.deallocate()
    }

    /// Starts a read: inline what the page cache has, the rest by the engine.
    ///
    /// - Returns: whether the read is done: inline, or with an error.
    func start(_ planned: PlannedRead) -> Bool {
        let slot = slots + planned.index
        slot.pointee.id = nil
        slot.pointee.state.store(Self.pending, ordering: .relaxed)
        do {
            return try start(planned, in: slot)
        } catch {
            slot.pointee.read = Read(count: planned.count, failure: error)
            slot.pointee.state.store(Self.done, ordering: .relaxed)
            return true
        }
    }

    private func start(_ planned: PlannedRead, in slot: UnsafeMutablePointer<Slot>) throws -> Bool {
        let details = file.details("read", at: planned.offset, count: planned.count)
        try file.beginUse(details, at: planned.offset, count: planned.count)
        let span = AlignedSpan(planned.offset, planned.count, file.alignment.offset)
        guard let storage = BufferStorage(uninitialized: span.count) else {
            file.lease.endUse()
            throw details.error(.noMemory)
        }
        let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[..<span.count])
        slot.pointee.read = Read(storage: storage, lead: span.lead, count: planned.count)
        switch file.readCached(memory, at: span.offset, []) {
        case .all(let result):
            file.lease.endUse()
            slot.pointee.read.outcome = Outcome(result)
            slot.pointee.read.isInline = true
            slot.pointee.state.store(Self.done, ordering: .relaxed)
            return true
        case .first(let count, let begun):
            slot.pointee.read.cached = count
            let rest = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            let operation = Operation(
                .read(file.descriptor, into: rest, at: span.offset + Int64(count)), kind: .read,
                route: file.route(count: rest.count, flags: [], begun: begun), policy: .abandon,
                memory: .borrowing(storage),
                lease: .passUnretained(file.lease))
            slot.pointee.ring = .passRetained(self)
            // Without a waiter, whose cancellation would count: no task is suspended for this read yet.
            slot.pointee.id = file.context.engine.start(
                file.context.prioritized(operation), then: completion(of: slot))
            return false
        }
    }

    private func completion(of slot: UnsafeMutablePointer<Slot>) -> Completion {
        Completion(token: UInt(bitPattern: slot)) { token, outcome in
            let slot = UnsafeMutablePointer<Slot>(bitPattern: token).unsafelyUnwrapped
            let ring = slot.pointee.ring.unsafelyUnwrapped
            slot.pointee.read.outcome = Outcome(rawValue: outcome)
            ring._withUnsafeGuaranteedRef { $0.file.lease.endUse() }
            // Releases the outcome to the acquire in `isDone` or `wait`. From here on the slot is the reading task's.
            let before = slot.pointee.state.exchange(ReadRing.done, ordering: .acquiringAndReleasing)
            if before != ReadRing.pending {
                unsafeBitCast(before, to: UnsafeContinuation<Void, Never>.self).resume()
            }
            ring.release()
        }
    }

    func isDone(_ index: Int) -> Bool { slots[index].state.load(ordering: .acquiring) == Self.done }

    /// Whether a read is done and short: the file may end there.
    func isShort(_ index: Int) -> Bool {
        guard isDone(index) else { return false }
        let read = slots[index].read
        return read.failure != nil || (read.outcome.after(read.cached).result ?? 0) - read.lead < read.count
    }

    /// Waits until a read is done. When the task is cancelled, so is the read, which is then done at once.
    func wait(for index: Int) async {
        guard !isDone(index) else { return }
        let slot = slots + index
        let (id, engine) = (slot.pointee.id, file.context.engine)
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
                let bits = unsafeBitCast(continuation, to: UInt.self)
                let isWaiting = slot.pointee.state.compareExchange(
                    expected: Self.pending, desired: bits, ordering: .acquiringAndReleasing
                ).exchanged
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            if let id { engine.cancel(id) }
        }
    }

    /// Removes a read that is done, and returns it.
    func removeRead(_ index: Int) -> Read {
        defer { slots[index].read = Read() }
        return slots[index].read
    }

    /// Cancels a read that is no longer needed, unless it is done.
    func cancel(_ index: Int) {
        guard !isDone(index) else { return }
        if let id = slots[index].id { file.context.engine.cancel(id) }
    }
}

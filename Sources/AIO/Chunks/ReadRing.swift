internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

/// Reads under way whose completions nobody awaits yet: a place each, where the kernel's answer is put down.
///
/// One task at a time starts, waits and takes; completions come on any thread. Each operation holds the ring,
/// so that its answer finds it although the iterator has gone.
final class ReadRing: @unchecked Sendable {
    // Sendable by hand: a slot belongs to its operation from `start` until `state` says done, then to the taker.
    private struct Slot: ~Copyable {
        /// `pending`, `done`, or the continuation of who waits, as bits.
        let state = Atomic<UInt>(ReadRing.pending)
        var read = Read()
        var id: OperationID?
        var ring: Unmanaged<ReadRing>?
    }

    /// One read and what became of it.
    struct Read {
        var storage = BufferStorage.empty
        /// Bytes before the first one asked for.
        var lead = 0
        var count = 0
        /// Bytes that the page cache had.
        var cached = 0
        var outcome = Outcome(0)
        /// It was done on the spot, by the page cache.
        var isInline = false
        /// It was not even started.
        var failure: (any Error)?

        /// What was read, in bytes from the first one asked for on; fewer than `count` is no error.
        func bytes(_ details: @autoclosure () -> ErrorDetails) throws -> AIOBuffer {
            if let failure { throw failure }
            let read = try outcome.after(cached).get(details())
            return AIOBuffer(storage, start: lead, count: min(max(0, read - lead), count))
        }
    }

    // A continuation is a pointer: neither of these.
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

    /// Starts a read: from the page cache as far as that has it, the rest by the engine.
    ///
    /// - Returns: whether it was done on the spot, or refused there.
    func start(_ place: ReadWindow.Place) -> Bool {
        let slot = slots + place.index
        slot.pointee.id = nil
        slot.pointee.state.store(Self.pending, ordering: .relaxed)
        do {
            return try begin(slot, place)
        } catch {
            slot.pointee.read = Read(count: place.count, failure: error)
            slot.pointee.state.store(Self.done, ordering: .relaxed)
            return true
        }
    }

    private func begin(_ slot: UnsafeMutablePointer<Slot>, _ place: ReadWindow.Place) throws -> Bool {
        let details = file.details("read", at: place.offset, count: place.count)
        try file.beginUse(details, at: place.offset, count: place.count)
        let span = AlignedSpan(place.offset, place.count, file.alignment.offset)
        guard let storage = BufferStorage(uninitialized: span.count) else {
            file.lease.endUse()
            throw details.error(.noMemory)
        }
        let memory = UnsafeMutableRawBufferPointer(rebasing: storage.memory[..<span.count])
        slot.pointee.read = Read(storage: storage, lead: span.lead, count: place.count)
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
            // Nobody to ask for a cancellation: the task is not suspended for this read, or not yet.
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
            // Releases the outcome to the taker's acquire; from here on the slot is the taker's.
            let before = slot.pointee.state.exchange(ReadRing.done, ordering: .acquiringAndReleasing)
            if before != ReadRing.pending {
                unsafeBitCast(before, to: UnsafeContinuation<Void, Never>.self).resume()
            }
            ring.release()
        }
    }

    func isDone(_ index: Int) -> Bool { slots[index].state.load(ordering: .acquiring) == Self.done }

    /// Whether a read is done and came short: the file may end there.
    func isShort(_ index: Int) -> Bool {
        guard isDone(index) else { return false }
        let read = slots[index].read
        return read.failure != nil || (read.outcome.after(read.cached).result ?? 0) - read.lead < read.count
    }

    /// Waits for a read's answer; a cancelled task's comes at once.
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

    /// Hands out a read that is done.
    func take(_ index: Int) -> Read {
        defer { slots[index].read = Read() }
        return slots[index].read
    }

    /// Withdraws a read that nobody will take.
    func cancel(_ index: Int) {
        guard !isDone(index) else { return }
        if let id = slots[index].id { file.context.engine.cancel(id) }
    }
}

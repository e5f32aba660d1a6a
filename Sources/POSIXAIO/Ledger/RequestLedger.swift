/// Decides which requests of a descriptor may run and which have to wait: a value with no lock, no I/O and no clock.
///
/// Each method is one transition and returns, or appends to `started`, the requests to be started now. States:
/// ```
/// free ─► waiting ─► running ◄─► polling ─► leaving
///   └───────────────────┘ └► free   └► free    └► free
/// ```
/// A stream's request alternates between an attempt (`running`) and a wait for readiness (`polling`). One that is
/// cancelled while it polls has completed for its owner; its entry stays (`leaving`) until the poll has completed.
package struct RequestLedger {
    package enum State: UInt8, Sendable { case free, waiting, running, polling, leaving }

    /// What a request has to wait for.
    package enum Ordering: UInt8, Sendable, CaseIterable {
        /// Nothing: transfers at an offset.
        case none
        /// Earlier reads of the stream: one at a time, the more urgent first.
        case read
        /// Earlier writes of the stream, likewise.
        case write
        /// Earlier writes at the end of the file: in the order of the calls, whatever their priority.
        case append
        /// Every earlier request on the descriptor that is not a barrier itself: aio_fsync.
        case barrier
    }

    /// The ledger's part of a request.
    struct Entry {
        var state = State.free
        var ordering = Ordering.none
        var priority: Int32 = 0
        var descriptor: Int32 = 0
        var generation: UInt32 = 0
        /// Neighbours among the descriptor's requests, in the order of the calls; `newer` also chains free entries.
        var older: UInt32 = .noRequest
        var newer: UInt32 = .noRequest
    }

    var entries: ContiguousArray<Entry> = []
    var queues: [Int32: Queue] = [:]
    private var freeHead: UInt32 = .noRequest

    package init() {}

    /// The number of entries, free ones included.
    package var entryCount: Int { entries.count }
    /// The number of descriptors with requests that have not completed.
    package var descriptorCount: Int { queues.count }

    // MARK: Admission

    /// Admits a request.
    ///
    /// - Parameter priority: higher means later, as `aio_reqprio` lowers a request's priority.
    /// - Returns: its ID, and whether it is to be started at once.
    package mutating func admit(descriptor: Int32, ordering: Ordering, priority: Int32) -> (id: RequestID, starts: Bool)
    {
        let index = allocate()
        entries[Int(index)].ordering = ordering
        entries[Int(index)].priority = priority
        entries[Int(index)].descriptor = descriptor
        let starts = queues[descriptor, default: Queue()].admit(index, ordering: ordering, in: &entries)
        entries[Int(index)].state = starts ? .running : .waiting
        return (id(index), starts)
    }

    private mutating func allocate() -> UInt32 {
        guard freeHead != .noRequest else {
            entries.append(Entry())
            return UInt32(entries.count - 1)
        }
        let index = freeHead
        freeHead = entries[Int(index)].newer
        entries[Int(index)].newer = .noRequest
        return index
    }

    func id(_ index: UInt32) -> RequestID { RequestID(index: index, generation: entries[Int(index)].generation) }

    /// Returns the state of a request; free for one whose entry was freed since.
    package func state(_ id: RequestID) -> State {
        guard Int(id.index) < entries.count, entries[Int(id.index)].generation == id.generation else { return .free }
        return entries[Int(id.index)].state
    }

    // MARK: Streams

    /// Has the request wait for readiness, after an attempt that would have had to wait.
    package mutating func block(_ id: RequestID) {
        guard state(id) == .running else { return }
        entries[Int(id.index)].state = .polling
    }

    /// Has the request run again, after its wait for readiness.
    ///
    /// - Returns: false if it was cancelled meanwhile; its entry is now free.
    package mutating func unblock(_ id: RequestID) -> Bool {
        switch state(id) {
        case .polling:
            entries[Int(id.index)].state = .running
            return true
        case .leaving:
            free(id.index)
            return false
        case .free, .waiting, .running:
            return false
        }
    }

    // MARK: Completion

    /// Completes a running request.
    ///
    /// - Returns: false if it is not running, and nothing has changed.
    @discardableResult
    package mutating func complete(_ id: RequestID, starting started: inout [RequestID]) -> Bool {
        guard state(id) == .running else { return false }
        unlink(id.index, starting: &started)
        free(id.index)
        return true
    }

    /// What a cancellation finds.
    package enum Cancellation: Equatable {
        /// The request had not begun, and is gone.
        case removed
        /// The request waited for readiness and has completed; its poll has yet to complete (``unblock(_:)``).
        case left
        /// The request is being carried out.
        case running
        /// The request had completed before.
        case none
    }

    /// Removes the request if it is not being carried out.
    ///
    /// - Parameter mayLeave: false for one that has moved bytes already: it is being carried out, although it polls.
    package mutating func cancel(
        _ id: RequestID, mayLeave: Bool, starting started: inout [RequestID]
    ) -> Cancellation {
        switch state(id) {
        case .waiting:
            unlink(id.index, starting: &started)
            free(id.index)
            return .removed
        case .polling where mayLeave:
            unlink(id.index, starting: &started)
            entries[Int(id.index)].state = .leaving
            return .left
        case .running, .polling: return .running
        case .free, .leaving: return .none
        }
    }

    /// Returns the descriptor's requests that have not completed, in the order of the calls.
    package func requests(on descriptor: Int32) -> [RequestID] {
        guard let queue = queues[descriptor] else { return [] }
        var ids: [RequestID] = []
        var index = queue.oldest
        while index != .noRequest {
            ids.append(id(index))
            index = entries[Int(index)].newer
        }
        return ids
    }

    /// Returns the barriers that wait for this request, among others.
    package func barriers(behind id: RequestID) -> [RequestID] {
        guard state(id) != .free, state(id) != .leaving else { return [] }
        var ids: [RequestID] = []
        var index = entries[Int(id.index)].newer
        while index != .noRequest {
            if entries[Int(index)].ordering == .barrier { ids.append(self.id(index)) }
            index = entries[Int(index)].newer
        }
        return ids
    }

    /// Removes a request from its descriptor's queue; those that waited for it are running from here on.
    private mutating func unlink(_ index: UInt32, starting started: inout [RequestID]) {
        let descriptor = entries[Int(index)].descriptor
        // The queue is moved out and in again, so that its arrays are not copied.
        guard var queue = queues.removeValue(forKey: descriptor) else { return }
        let first = started.count
        queue.remove(index, in: &entries) { started.append($0) }
        for position in first..<started.count { entries[Int(started[position].index)].state = .running }
        if queue.oldest != .noRequest { queues[descriptor] = queue }
    }

    private mutating func free(_ index: UInt32) {
        entries[Int(index)].state = .free
        entries[Int(index)].generation &+= 1
        entries[Int(index)].older = .noRequest
        entries[Int(index)].newer = freeHead
        freeHead = index
    }
}

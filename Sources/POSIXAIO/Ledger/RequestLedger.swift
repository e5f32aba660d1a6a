/// Which requests of a descriptor may run and which have to wait: a value with no lock, no I/O and no clock.
///
/// Each method is one transition and returns, or appends to `started`, what is to be started now. States:
/// ```
/// free ─► waiting ─► running ◄─► polling ─► leaving
///   └───────────────────┘ └► free   └► free    └► free
/// ```
/// A stream's request alternates between an attempt (`running`) and a wait for readiness (`polling`). One that
/// is cancelled while it polls is over for its owner; its record stays (`leaving`) until the poll has ended.
package struct RequestLedger {
    package enum State: UInt8, Sendable { case free, waiting, running, polling, leaving }

    /// What a request has to wait for.
    package enum Ordering: UInt8, Sendable, CaseIterable {
        /// Nothing: transfers at an offset.
        case none
        /// The reads of a stream before it: one at a time, the more urgent first.
        case read
        /// The writes of a stream before it, likewise.
        case write
        /// The writes at the end of the file before it: in the order of the calls, whatever their priority.
        case append
        /// Every request before it on this descriptor that is not a barrier itself: aio_fsync.
        case barrier
    }

    struct Record {
        var state = State.free
        var ordering = Ordering.none
        var priority: Int32 = 0
        var descriptor: Int32 = 0
        var generation: UInt32 = 0
        /// Neighbours among the descriptor's requests, in the order of the calls; `newer` also chains free ones.
        var older: UInt32 = .noRequest
        var newer: UInt32 = .noRequest
    }

    /// One direction of a descriptor: who runs, and who waits, the next one first.
    struct Line {
        var running: UInt32 = .noRequest
        var waiting: [UInt32] = []
    }

    struct Queue {
        var oldest: UInt32 = .noRequest
        var newest: UInt32 = .noRequest
        var reads = Line()
        var writes = Line()
        var waitingBarriers = 0
    }

    var records: ContiguousArray<Record> = []
    var queues: [Int32: Queue] = [:]
    private var freeHead: UInt32 = .noRequest

    package init() {}

    /// Records there are, free ones among them.
    package var recordCount: Int { records.count }
    /// Descriptors with requests that have not ended.
    package var descriptorCount: Int { queues.count }

    // MARK: Admission

    /// Takes a request in.
    ///
    /// - Parameter priority: higher means later, as `aio_reqprio` lowers a request's priority.
    /// - Returns: its name, and whether it is to be started at once.
    package mutating func admit(descriptor: Int32, ordering: Ordering, priority: Int32) -> (id: RequestID, starts: Bool)
    {
        let index = takeFree()
        records[Int(index)].ordering = ordering
        records[Int(index)].priority = priority
        records[Int(index)].descriptor = descriptor
        let starts = queues[descriptor, default: Queue()].admit(
            index, ordering: ordering, priority: priority, in: &records)
        records[Int(index)].state = starts ? .running : .waiting
        return (id(index), starts)
    }

    private mutating func takeFree() -> UInt32 {
        guard freeHead != .noRequest else {
            records.append(Record())
            return UInt32(records.count - 1)
        }
        let index = freeHead
        freeHead = records[Int(index)].newer
        records[Int(index)].newer = .noRequest
        return index
    }

    func id(_ index: UInt32) -> RequestID { RequestID(index: index, generation: records[Int(index)].generation) }

    /// Its state; free for one that is over.
    package func state(_ id: RequestID) -> State {
        guard Int(id.index) < records.count, records[Int(id.index)].generation == id.generation else { return .free }
        return records[Int(id.index)].state
    }

    // MARK: Streams

    /// The attempt came back with nothing: it waits for readiness.
    package mutating func block(_ id: RequestID) {
        guard state(id) == .running else { return }
        records[Int(id.index)].state = .polling
    }

    /// The wait for readiness is over. False: nobody wants the request any more, and its record is free.
    package mutating func unblock(_ id: RequestID) -> Bool {
        switch state(id) {
        case .polling:
            records[Int(id.index)].state = .running
            return true
        case .leaving:
            free(id.index)
            return false
        case .free, .waiting, .running:
            return false
        }
    }

    // MARK: Ending

    /// A running request has ended. False: it had before.
    @discardableResult
    package mutating func end(_ id: RequestID, starting started: inout [RequestID]) -> Bool {
        guard state(id) == .running else { return false }
        unlink(id.index, starting: &started)
        free(id.index)
        return true
    }

    package enum Cancellation: Equatable {
        /// It had not begun, and is gone.
        case removed
        /// It waited for readiness and is over; its poll has yet to end (``unblock(_:)``).
        case left
        /// It is being done.
        case running
        /// It has ended.
        case none
    }

    /// Somebody wants the request gone.
    ///
    /// - Parameter mayLeave: false for one that has moved bytes already: it is being done, although it polls.
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
            records[Int(id.index)].state = .leaving
            return .left
        case .running, .polling: return .running
        case .free, .leaving: return .none
        }
    }

    /// The descriptor's requests that have not ended, in the order of the calls.
    package func requests(on descriptor: Int32) -> [RequestID] {
        guard let queue = queues[descriptor] else { return [] }
        var ids: [RequestID] = []
        var index = queue.oldest
        while index != .noRequest {
            ids.append(id(index))
            index = records[Int(index)].newer
        }
        return ids
    }

    /// The barriers that wait for this one, among others.
    package func barriers(behind id: RequestID) -> [RequestID] {
        guard state(id) != .free, state(id) != .leaving else { return [] }
        var ids: [RequestID] = []
        var index = records[Int(id.index)].newer
        while index != .noRequest {
            if records[Int(index)].ordering == .barrier { ids.append(self.id(index)) }
            index = records[Int(index)].newer
        }
        return ids
    }

    /// Takes it out of its descriptor's queue; those that waited for it are running from here on.
    private mutating func unlink(_ index: UInt32, starting started: inout [RequestID]) {
        let descriptor = records[Int(index)].descriptor
        // The queue is moved out and in again, so that its arrays are not copied.
        guard var queue = queues.removeValue(forKey: descriptor) else { return }
        let first = started.count
        queue.remove(index, in: &records) { started.append($0) }
        for place in first..<started.count { records[Int(started[place].index)].state = .running }
        if queue.oldest != .noRequest { queues[descriptor] = queue }
    }

    private mutating func free(_ index: UInt32) {
        records[Int(index)].state = .free
        records[Int(index)].generation &+= 1
        records[Int(index)].older = .noRequest
        records[Int(index)].newer = freeHead
        freeHead = index
    }
}

/// Names one request for good: a record and which of its users.
package struct RequestID: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32
}

extension UInt32 {
    /// No record.
    static let noRequest = UInt32.max
}

/// Where every operation stands: a value with no lock, no I/O and no clock.
///
/// Each method is one transition and returns what to do about it. States:
/// ```
/// free ─► queued ─► submitted ──────────────────► free
///   │        ▲          │  refused NOWAIT          ▲
///   │        └ EAGAIN ──┤                          │
///   ├─► laneQueued ◄────┘                          │
///   │        └─► laneRunning, or submitted again ──┤
///   └─► laneWaiting ─► submitted by a lane thread ─┘
/// ```
/// A record in any state but free may lose its waiter (`abandoned`): it stays until the kernel answers.
package struct OperationLedger {
    package enum State: UInt8, Sendable {
        case free, queued, submitted
        /// For a lane thread to call, or to submit where it has its place already.
        case laneQueued
        /// For a lane thread to submit, once there is a place.
        case laneWaiting
        case laneRunning
    }

    /// Where an operation begins.
    package enum Entry: Sendable {
        /// io_submit, on whatever thread comes first.
        case kernel
        /// io_submit on a lane thread.
        case laneSubmit
        /// A system call on a lane thread.
        case laneCall
    }

    /// What a cancellation has decided so far.
    package enum Wish: UInt8, Sendable {
        case none
        /// Asked for, and the kernel is to be asked (again): a poll may not have reached it yet.
        case wanted
        /// The kernel cancels it, or it is only waited for; it ends as cancelled.
        case cancelled
        /// As `cancelled`, because of a shutdown.
        case shutDown
    }

    struct Record {
        var state: State = .free
        var wish: Wish = .none
        var abandoned = false
        /// It has a place in the kernel's ring, also while it waits for a lane thread to submit it again.
        var holdsPlace = false
        var generation: UInt32 = 0
        var next: UInt32 = .none
        var previous: UInt32 = .none
    }

    package let queueDepth: Int
    package let maximumPending: Int?
    let maximumCount: Int

    var records: ContiguousArray<Record> = []
    private var freeHead: UInt32 = .none
    var kernelQueue = IndexList()
    var laneQueue = IndexList()
    var laneWaiting = IndexList()

    /// Operations with a place in the kernel's ring.
    package internal(set) var placesTaken = 0
    /// Operations that a lane thread runs by itself.
    package internal(set) var laneRunning = 0
    /// Operations that wait in user space.
    package internal(set) var pending = 0
    /// All that are not free.
    package internal(set) var live = 0

    package init(queueDepth: Int, maximumPending: Int?, maximumCount: Int = 1 << 24) {
        self.queueDepth = queueDepth
        self.maximumPending = maximumPending
        self.maximumCount = maximumCount
    }

    /// Records there are, free ones among them.
    package var recordCount: Int { records.count }
    /// What the kernel or a lane thread has.
    package var inFlight: Int { placesTaken + laneRunning }
    package var isEmpty: Bool { live == 0 }
    /// Whether ``takeForSubmission()`` would find something.
    package var hasSubmittable: Bool { !kernelQueue.isEmpty && placesTaken < queueDepth - placesForLane }
    /// Operations in the queue for io_submit.
    package var queuedForKernel: Int { kernelQueue.count }
    /// Operations that the lane cannot submit for want of a place.
    package var laneWaitingForPlace: Int { laneWaiting.count }
    /// One place is left to the lane, so that a queue that never empties cannot starve it.
    private var placesForLane: Int { !laneWaiting.isEmpty && queueDepth > 1 ? 1 : 0 }

    /// Whether one more operation for the kernel would find a place, after those that are queued already.
    package var kernelHasPlace: Bool { kernelQueue.count < queueDepth - placesTaken }
    /// Whether one more operation that the lane submits would find a place, after those that wait for one already.
    package var laneHasPlace: Bool { laneWaiting.count < queueDepth - placesTaken }
    /// Whether one more operation for the lane would find one of its `count` threads without work.
    package func laneHasThread(of count: Int) -> Bool { laneQueue.count + laneWaiting.count + laneRunning < count }

    /// Operations that wait for a place, or for one of the lane's threads: not those that only have to be
    /// taken yet.
    package func waiting(laneThreads: Int) -> Int {
        let places = queueDepth - placesTaken
        let forKernel = min(kernelQueue.count, places)
        let threads = max(0, laneThreads - laneRunning)
        let forLane = min(laneQueue.count + min(laneWaiting.count, places - forKernel), threads)
        return max(0, pending - forKernel - forLane)
    }

    // MARK: Admission

    package enum Admission: Equatable {
        case admitted(OperationID)
        case overloaded
    }

    /// Takes in an operation: to the end of its queue.
    ///
    /// - Parameter startsAtOnce: nothing is ahead of it, so it does not count as waiting.
    package mutating func admit(to entry: Entry, startsAtOnce: Bool) -> Admission {
        if let maximumPending, pending >= maximumPending, !startsAtOnce { return .overloaded }
        guard let index = takeFree() else { return .overloaded }
        live += 1
        pending += 1
        switch entry {
        case .kernel:
            records[Int(index)].state = .queued
            kernelQueue.append(index, in: &records)
        case .laneSubmit:
            records[Int(index)].state = .laneWaiting
            laneWaiting.append(index, in: &records)
        case .laneCall:
            records[Int(index)].state = .laneQueued
            laneQueue.append(index, in: &records)
        }
        return .admitted(id(index))
    }

    private mutating func takeFree() -> UInt32? {
        if freeHead != .none {
            let index = freeHead
            freeHead = records[Int(index)].next
            records[Int(index)].next = .none
            return index
        }
        guard records.count < maximumCount else { return nil }
        records.append(Record())
        return UInt32(records.count - 1)
    }

    func id(_ index: UInt32) -> OperationID {
        OperationID(index: index, generation: records[Int(index)].generation)
    }

    // MARK: Submission

    /// The next queued operation goes to the kernel: it counts as submitted from here on, because its event
    /// may be in before io_submit returns.
    package mutating func takeForSubmission() -> UInt32? {
        guard hasSubmittable, let index = kernelQueue.popFirst(in: &records) else { return nil }
        records[Int(index)].state = .submitted
        records[Int(index)].holdsPlace = true
        placesTaken += 1
        pending -= 1
        return index
    }

    /// The kernel had no room (EAGAIN): the operation goes back to where it was. Call for the last one first,
    /// to keep the order.
    package mutating func returnToQueue(_ index: UInt32) {
        assert(records[Int(index)].state == .submitted)
        records[Int(index)].state = .queued
        records[Int(index)].holdsPlace = false
        placesTaken -= 1
        pending += 1
        kernelQueue.prepend(index, in: &records)
    }

    /// The kernel would block: a lane thread shall submit it, or do it. It keeps its place meanwhile.
    package mutating func moveToLane(_ index: UInt32) {
        assert(records[Int(index)].state == .submitted)
        records[Int(index)].state = .laneQueued
        laneQueue.append(index, in: &records)
    }

    // MARK: Lane

    package enum LaneStep: Equatable {
        /// Submit it from this thread, which may block.
        case submit(OperationID)
        /// The same, for one that the kernel had before and would not start without blocking.
        case resubmit(OperationID)
        /// Make the call on this thread.
        case call(OperationID)
    }

    /// The next operation for a lane thread.
    package mutating func takeForLane() -> LaneStep? {
        // Who waits for a place is asked first, as the others can always go. Not in one line with them: those
        // further back may hold the very places that the first one waits for.
        if placesTaken < queueDepth, let index = laneWaiting.popFirst(in: &records) {
            records[Int(index)].state = .submitted
            records[Int(index)].holdsPlace = true
            placesTaken += 1
            pending -= 1
            return .submit(id(index))
        }
        guard let index = laneQueue.popFirst(in: &records) else { return nil }
        if records[Int(index)].holdsPlace {
            records[Int(index)].state = .submitted
            return .resubmit(id(index))
        }
        pending -= 1
        laneRunning += 1
        records[Int(index)].state = .laneRunning
        return .call(id(index))
    }

    /// What was to be submitted from a lane thread is done by it instead: the kernel had no room.
    package mutating func laneRunsItself(_ id: OperationID) {
        guard isAwaited(id) else { return }
        records[Int(id.index)].state = .laneRunning
    }

    // MARK: Ending

    package enum Answer: Equatable {
        /// Tell the waiter what came, or `wish` instead where there is one.
        case deliver(Wish)
        /// Nobody waits: let go of memory and descriptor.
        case late
        /// No such operation: a stray or a duplicate. Count it.
        case spurious
    }

    package func isCurrent(_ id: OperationID) -> Bool {
        Int(id.index) < records.count && records[Int(id.index)].generation == id.generation
            && records[Int(id.index)].state != .free
    }

    /// Whether an event for this operation is to be expected.
    package func isAwaited(_ id: OperationID) -> Bool {
        isCurrent(id) && records[Int(id.index)].state == .submitted
    }

    package func isAbandoned(_ index: UInt32) -> Bool { records[Int(index)].abandoned }
    package func wish(_ index: UInt32) -> Wish { records[Int(index)].wish }
    package func state(_ index: UInt32) -> State { records[Int(index)].state }

    /// The answer to a submitted or lane-run operation is in: its slot is free again.
    package mutating func answer(_ id: OperationID) -> Answer {
        guard isCurrent(id) else { return .spurious }
        let record = records[Int(id.index)]
        guard record.state == .submitted || record.state == .laneRunning else { return .spurious }
        if record.holdsPlace { placesTaken -= 1 } else { laneRunning -= 1 }
        free(id.index)
        return record.abandoned ? .late : .deliver(record.wish)
    }

    mutating func free(_ index: UInt32) {
        records[Int(index)].state = .free
        records[Int(index)].wish = .none
        records[Int(index)].abandoned = false
        records[Int(index)].holdsPlace = false
        // A later event with this tag meets another generation.
        records[Int(index)].generation &+= 1
        records[Int(index)].next = freeHead
        records[Int(index)].previous = .none
        freeHead = index
        live -= 1
    }
}

extension UInt32 {
    /// No index.
    static let none = UInt32.max
}

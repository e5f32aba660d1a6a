/// Where every operation stands: a value with no lock, no I/O and no clock.
///
/// Each method is one transition and returns what its caller has to do. ``State`` has the diagram. The ledger's entries
/// and the engine's slots have the same indices.
///
/// - `OperationLedger+State.swift`: the states, what each of them carries, and `transition(_:to:)`.
/// - `OperationLedger+Admission.swift`: operations come in.
/// - `OperationLedger+Submission.swift`: to the kernel, and back to the queue.
/// - `OperationLedger+Blocking.swift`: to the blocking pool.
/// - `OperationLedger+Completion.swift`: the result is in.
/// - `OperationLedger+Cancellation.swift`: somebody wants an operation gone.
/// - `OperationLedger+Invariants.swift`: what always holds.
package struct OperationLedger {
    struct Entry {
        var state = State.free
        /// Which user of this entry it is: an event or an ID of an earlier user has another generation.
        var generation: UInt32 = 0
        var next: UInt32 = .none
        var previous: UInt32 = .none
    }

    package let queueDepth: Int
    package let maximumPending: Int?
    let maximumCount: Int

    var entries: ContiguousArray<Entry> = []
    var freeHead: UInt32 = .none
    var kernelQueue = IndexList()
    var blockingQueue = IndexList()
    var permitQueue = IndexList()

    /// Operations that hold one of the `queueDepth` permits.
    package internal(set) var permitsHeld = 0
    /// Operations that a blocking thread runs without a permit.
    package internal(set) var blockingRunning = 0
    /// Operations that wait in user space.
    package internal(set) var pending = 0
    /// Operations in any state but free.
    package internal(set) var live = 0

    package init(queueDepth: Int, maximumPending: Int?, maximumCount: Int = 1 << 24) {
        self.queueDepth = queueDepth
        self.maximumPending = maximumPending
        self.maximumCount = maximumCount
    }

    /// How many entries there are, free ones included.
    package var count: Int { entries.count }
    /// Operations that the kernel or a blocking thread has.
    package var inFlight: Int { permitsHeld + blockingRunning }
    package var isEmpty: Bool { live == 0 }
    /// Permits that nobody holds.
    var freePermits: Int { queueDepth - permitsHeld }

    package func state(_ index: UInt32) -> State { entries[Int(index)].state }

    func id(_ index: UInt32) -> OperationID {
        OperationID(index: index, generation: entries[Int(index)].generation)
    }

    /// Whether `id` names an operation that has not completed.
    package func isCurrent(_ id: OperationID) -> Bool {
        Int(id.index) < entries.count && entries[Int(id.index)].generation == id.generation
            && entries[Int(id.index)].state != .free
    }
}

extension UInt32 {
    /// No index.
    static let none = UInt32.max
}

@testable import AIOEngine

/// An operation of a scenario, with what was seen of it.
final class SimulatedOperation: @unchecked Sendable {
    unowned(unsafe) let world: World
    let number: Int
    let specification: OperationSpecification
    /// The actor that started it in its own order; nil for jobs and completions.
    let actor: Int?
    let file: SimulatedFile
    /// What the kernel reads and writes. Its waiter lets go of it.
    var memory: AnyObject?
    /// Whether nobody holds the memory any more.
    var isMemoryGone = false

    var id: OperationID?
    var outcomes: [Outcome] = []
    /// Whether the engine was closed before it was started.
    let isLate: Bool
    let startedAt: UInt64
    /// When it was to be cancelled first, by ID or by its waiter.
    var cancelledAt: UInt64?
    var isWaiterCancelled = false
    /// Whether it has been offered to the kernel.
    var wasSubmitted = false
    /// Who works on it: a kernel or a blocking thread.
    var holder: String?
    /// The last result of a device, and when it was there.
    var delivered: (result: Int, time: UInt64)?
    /// The results that were thrown away, as nobody waited for them.
    var discarded: [Int] = []

    init(_ world: World, _ number: Int, _ specification: OperationSpecification, actor: Int?, file: SimulatedFile) {
        self.world = world
        self.number = number
        self.specification = specification
        self.actor = actor
        self.file = file
        isLate = world.isClosed
        startedAt = world.scheduler.now
    }

    /// Notes that a device or a thread works on it.
    func hasBegun(_ world: World, _ holder: String) {
        if let before = self.holder {
            world.scheduler.fail("\(holder) begins operation \(number), which \(before) has")
        }
        if !outcomes.isEmpty, specification.policy != .abandon {
            world.scheduler.fail("\(holder) begins operation \(number), whose waiter was resumed")
        }
        self.holder = holder
        world.scheduler.lastProgress = world.scheduler.now
        world.touch(self)
    }

    func deliver(_ result: Int, at time: UInt64) { delivered = (result, time) }

    // MARK: Words for the engine

    var word: UInt { UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) }

    static func at(_ word: UInt) -> SimulatedOperation {
        Unmanaged<SimulatedOperation>.fromOpaque(UnsafeRawPointer(bitPattern: word)!).takeUnretainedValue()
    }

    var completion: Completion {
        Completion(token: word) { token, outcome in
            let operation = SimulatedOperation.at(token)
            operation.world.completed(operation, Outcome(rawValue: outcome))
        }
    }

    var waiter: Waiter { specification.hasWaiter ? Waiter(bits: word) : .none }

    static let isCancelled: Waiter.IsCancelled = { bits in
        let operation = SimulatedOperation.at(bits)
        if !operation.outcomes.isEmpty { operation.world.scheduler.fail("a scan looks at a waiter that was resumed") }
        return operation.isWaiterCancelled
    }
}

/// What an operation's memory is made of; notes when it goes.
final class OperationMemory: @unchecked Sendable {
    private let operation: SimulatedOperation
    init(_ operation: SimulatedOperation) { self.operation = operation }
    deinit { operation.isMemoryGone = true }
}

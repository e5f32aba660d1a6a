@testable import AIOEngine

/// A second, plain implementation of the ledger's rules, with which the walk compares the real one.
struct LedgerModel: Hashable {
    enum Queue: CaseIterable { case kernel, permit, blocking }
    enum Phase { case fresh, queued, submitted, awaitingPermit, blockingQueued, poolSubmitted, running, completed }
    /// How far a cancellation has got.
    enum CancellationRequest: CaseIterable { case none, requested, requestedForShutDown, cancelled, shutDown }

    struct Operation: Hashable {
        var phase = Phase.fresh
        var queue = Queue.kernel
        var holdsPermit = false
        var cancellation = CancellationRequest.none
        var abandoned = false
        /// How often its waiter has been resumed.
        var resumed = 0
    }

    let queueDepth: Int
    var operations: [Operation]
    var kernel: [Int] = []
    var permit: [Int] = []
    var blocking: [Int] = []

    init(queueDepth: Int, operations: Int) {
        self.queueDepth = queueDepth
        self.operations = Array(repeating: Operation(), count: operations)
    }

    var permits: Int { operations.count { $0.holdsPermit } }
    var pending: Int { kernel.count + permit.count + blocking.count { !operations[$0].holdsPermit } }
    var running: Int { operations.count { $0.phase == .running && !$0.holdsPermit } }
    var live: Int { operations.count { $0.phase != .fresh && $0.phase != .completed } }

    mutating func admit(_ index: Int, _ queue: Queue) {
        operations[index].queue = queue
        switch queue {
        case .kernel:
            operations[index].phase = .queued
            kernel.append(index)
        case .permit:
            operations[index].phase = .awaitingPermit
            permit.append(index)
        case .blocking:
            operations[index].phase = .blockingQueued
            blocking.append(index)
        }
    }

    mutating func dequeueForSubmission() -> Int? {
        // The last permit is kept for the pool while an operation there waits for one, so that it cannot starve.
        let forKernel = permit.isEmpty || queueDepth == 1 ? queueDepth : queueDepth - 1
        guard permits < forKernel, !kernel.isEmpty else { return nil }
        let index = kernel.removeFirst()
        operations[index].phase = .submitted
        operations[index].holdsPermit = true
        return index
    }

    mutating func requeue(_ index: Int) {
        operations[index].phase = .queued
        operations[index].holdsPermit = false
        kernel.insert(index, at: 0)
    }

    mutating func moveToPool(_ index: Int) {
        operations[index].phase = .blockingQueued
        blocking.append(index)
    }

    enum Step {
        case submit(Int)
        case resubmit(Int)
        case call(Int)
    }

    mutating func dequeueForPool() -> Step? {
        if permits < queueDepth, !permit.isEmpty {
            let index = permit.removeFirst()
            operations[index].phase = .poolSubmitted
            operations[index].holdsPermit = true
            return .submit(index)
        }
        guard !blocking.isEmpty else { return nil }
        let index = blocking.removeFirst()
        operations[index].phase = operations[index].holdsPermit ? .poolSubmitted : .running
        return operations[index].holdsPermit ? .resubmit(index) : .call(index)
    }

    mutating func complete(_ index: Int) -> OperationLedger.Completed {
        let operation = operations[index]
        finish(index)
        if operation.abandoned { return .abandoned }
        operations[index].resumed += 1
        return .awaited(operation.cancellation.inLedger)
    }

    mutating func cancel(
        _ index: Int, _ policy: CancelPolicy, _ reason: OperationLedger.CancellationReason
    ) -> OperationLedger.Cancellation {
        let operation = operations[index]
        if operation.abandoned || operation.cancellation == .cancelled || operation.cancellation == .shutDown {
            return .decided(.ignored)
        }
        switch operation.phase {
        case .fresh, .completed: return .decided(.ignored)
        case .submitted, .poolSubmitted: return .kernelDecides
        case .running: return .decided(leave(index, policy, reason))
        case .queued, .awaitingPermit, .blockingQueued:
            for list in [\Self.kernel, \.permit, \.blocking] { self[keyPath: list].removeAll { $0 == index } }
            finish(index)
            operations[index].resumed += 1
            return .decided(.removed(wasInFlight: operation.holdsPermit))
        }
    }

    mutating func leave(
        _ index: Int, _ policy: CancelPolicy, _ reason: OperationLedger.CancellationReason
    ) -> OperationLedger.CancellationDecision {
        guard policy == .abandon else {
            operations[index].cancellation = CancellationRequest(reason)
            return .waits
        }
        operations[index].abandoned = true
        operations[index].resumed += 1
        return .abandoned
    }

    /// Erases the history of a completed operation, so that the walk meets fewer states.
    private mutating func finish(_ index: Int) {
        operations[index] = Operation(phase: .completed, resumed: operations[index].resumed)
    }
}

extension LedgerModel.CancellationRequest {
    init(_ reason: OperationLedger.CancellationReason) {
        self = reason == .shutDown ? .shutDown : .cancelled
    }

    var inLedger: OperationLedger.CancellationRequest {
        switch self {
        case .none: .none
        case .requested: .requested(.cancelled)
        case .requestedForShutDown: .requested(.shutDown)
        case .cancelled: .granted(.cancelled)
        case .shutDown: .granted(.shutDown)
        }
    }
}

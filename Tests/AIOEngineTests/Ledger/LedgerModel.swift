@testable import AIOEngine

/// The ledger's rules written a second time, as plainly as can be: what the walk holds the real one against.
struct LedgerModel: Hashable {
    enum Route: CaseIterable { case kernel, laneSubmit, laneCall }
    enum Phase { case fresh, queued, submitted, laneWaiting, laneQueued, laneSubmitted, running, ended }

    struct Operation: Hashable {
        var phase = Phase.fresh
        var route = Route.kernel
        var place = false
        var wish = OperationLedger.Wish.none
        var abandoned = false
        /// How often its waiter has been told.
        var told = 0
    }

    let queueDepth: Int
    var operations: [Operation]
    var kernel: [Int] = []
    var waiting: [Int] = []
    var lane: [Int] = []

    init(queueDepth: Int, operations: Int) {
        self.queueDepth = queueDepth
        self.operations = Array(repeating: Operation(), count: operations)
    }

    var places: Int { operations.count { $0.place } }
    var pending: Int { kernel.count + waiting.count + lane.count { !operations[$0].place } }
    var running: Int { operations.count { $0.phase == .running && !$0.place } }
    var live: Int { operations.count { $0.phase != .fresh && $0.phase != .ended } }

    mutating func admit(_ index: Int, _ route: Route) {
        operations[index].route = route
        switch route {
        case .kernel:
            operations[index].phase = .queued
            kernel.append(index)
        case .laneSubmit:
            operations[index].phase = .laneWaiting
            waiting.append(index)
        case .laneCall:
            operations[index].phase = .laneQueued
            lane.append(index)
        }
    }

    mutating func takeForSubmission() -> Int? {
        // The last place is the lane's, while something there waits for one and is not to wait for ever.
        let forKernel = waiting.isEmpty || queueDepth == 1 ? queueDepth : queueDepth - 1
        guard places < forKernel, !kernel.isEmpty else { return nil }
        let index = kernel.removeFirst()
        operations[index].phase = .submitted
        operations[index].place = true
        return index
    }

    mutating func returnToQueue(_ index: Int) {
        operations[index].phase = .queued
        operations[index].place = false
        kernel.insert(index, at: 0)
    }

    mutating func moveToLane(_ index: Int) {
        operations[index].phase = .laneQueued
        lane.append(index)
    }

    enum Step {
        case submit(Int)
        case resubmit(Int)
        case call(Int)
    }

    mutating func takeForLane() -> Step? {
        if places < queueDepth, !waiting.isEmpty {
            let index = waiting.removeFirst()
            operations[index].phase = .laneSubmitted
            operations[index].place = true
            return .submit(index)
        }
        guard !lane.isEmpty else { return nil }
        let index = lane.removeFirst()
        operations[index].phase = operations[index].place ? .laneSubmitted : .running
        return operations[index].place ? .resubmit(index) : .call(index)
    }

    mutating func answer(_ index: Int) -> OperationLedger.Answer {
        let operation = operations[index]
        end(index)
        if operation.abandoned { return .late }
        operations[index].told += 1
        return .deliver(operation.wish)
    }

    mutating func cancel(
        _ index: Int, _ policy: CancelPolicy, _ wish: OperationLedger.Wish
    ) -> OperationLedger.Cancellation {
        let operation = operations[index]
        if operation.abandoned || operation.wish == .cancelled || operation.wish == .shutDown { return .none }
        switch operation.phase {
        case .fresh, .ended: return .none
        case .submitted, .laneSubmitted: return .askKernel
        case .running: return leave(index, policy, wish)
        case .queued, .laneWaiting, .laneQueued:
            for list in [\Self.kernel, \.waiting, \.lane] { self[keyPath: list].removeAll { $0 == index } }
            end(index)
            operations[index].told += 1
            return .removed(wasInFlight: operation.place)
        }
    }

    mutating func leave(
        _ index: Int, _ policy: CancelPolicy, _ wish: OperationLedger.Wish
    ) -> OperationLedger.Cancellation {
        guard policy == .abandon else {
            operations[index].wish = wish
            return .wait
        }
        operations[index].abandoned = true
        operations[index].told += 1
        return .abandon
    }

    /// What an operation was no longer matters once it has ended, so that the walk meets fewer states.
    private mutating func end(_ index: Int) {
        operations[index] = Operation(phase: .ended, told: operations[index].told)
    }
}

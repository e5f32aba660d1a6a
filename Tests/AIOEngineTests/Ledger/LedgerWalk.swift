@testable import AIOEngine

/// The ledger and its model side by side, with the names under which the ledger knows the operations.
struct LedgerPair {
    var ledger: OperationLedger
    var model: LedgerModel
    var ids: [OperationID] = []

    enum Action {
        case admit(LedgerModel.Route)
        case takeForSubmission
        case returnToQueue(Int)
        case moveToLane(Int)
        case takeForLane
        case laneRunsItself(Int)
        case answer(Int)
        case cancel(Int, CancelPolicy, OperationLedger.Wish, KernelSays)
    }

    /// What io_cancel says where it is asked at all.
    enum KernelSays: CaseIterable { case yes, no, notThisPoll }

    init(queueDepth: Int, operations: Int) {
        ledger = OperationLedger(queueDepth: queueDepth, maximumPending: nil)
        model = LedgerModel(queueDepth: queueDepth, operations: operations)
    }

    /// Everything that could happen next.
    func actions(wishes: [OperationLedger.Wish]) -> [Action] {
        var actions: [Action] = [.takeForSubmission, .takeForLane]
        if ids.count < model.operations.count { actions += LedgerModel.Route.allCases.map(Action.admit) }
        for index in ids.indices {
            switch model.operations[index].phase {
            case .submitted: actions += [.returnToQueue(index), .moveToLane(index), .answer(index)]
            case .laneSubmitted: actions += [.laneRunsItself(index), .answer(index)]
            case .running: actions.append(.answer(index))
            case .fresh, .queued, .laneWaiting, .laneQueued, .ended: break
            }
            guard model.operations[index].phase != .ended else { continue }
            for policy in [CancelPolicy.abandon, .waitThenCancel, .report] {
                for wish in wishes {
                    actions += KernelSays.allCases.map { .cancel(index, policy, wish, $0) }
                }
            }
        }
        return actions
    }

    /// Does it in both; a sentence where they differ.
    mutating func perform(_ action: Action) -> String? {
        switch action {
        case .admit(let route): return admit(route)
        case .takeForSubmission: return takeForSubmission()
        case .takeForLane: return takeForLane()
        case .answer(let index): return differ(ledger.answer(ids[index]), model.answer(index))
        case .cancel(let index, let policy, let wish, let says): return cancel(index, policy, wish, says)
        case .returnToQueue(let index):
            ledger.returnToQueue(ids[index].index)
            model.returnToQueue(index)
        case .moveToLane(let index):
            ledger.moveToLane(ids[index].index)
            model.moveToLane(index)
        case .laneRunsItself(let index):
            ledger.laneRunsItself(ids[index])
            model.operations[index].phase = .running
        }
        return nil
    }

    private mutating func admit(_ route: LedgerModel.Route) -> String? {
        guard case .admitted(let id) = ledger.admit(to: route.entry, startsAtOnce: false) else {
            return "not admitted"
        }
        if ids.contains(id) { return "\(id) was given out twice" }
        model.admit(ids.count, route)
        ids.append(id)
        return nil
    }

    private mutating func takeForSubmission() -> String? {
        let taken = ledger.takeForSubmission()
        return differ(taken, model.takeForSubmission().map { ids[$0].index })
    }

    private mutating func takeForLane() -> String? {
        let taken = ledger.takeForLane()
        let expected: OperationLedger.LaneStep? = model.takeForLane().map {
            switch $0 {
            case .submit(let index): .submit(ids[index])
            case .resubmit(let index): .resubmit(ids[index])
            case .call(let index): .call(ids[index])
            }
        }
        return differ(taken, expected)
    }

    private mutating func cancel(
        _ index: Int, _ policy: CancelPolicy, _ wish: OperationLedger.Wish, _ says: KernelSays
    ) -> String? {
        let answer = ledger.cancel(ids[index], policy: policy, as: wish)
        if let difference = differ(answer, model.cancel(index, policy, wish)) { return difference }
        guard answer == .askKernel else { return nil }
        switch says {
        case .yes:
            ledger.kernelCancels(ids[index], as: wish)
            model.operations[index].wish = wish
            return nil
        case .no:
            let refused = ledger.kernelRefuses(ids[index], isPoll: false, policy: policy, wish: wish)
            return differ(refused, model.leave(index, policy, wish))
        case .notThisPoll:
            let refused = ledger.kernelRefuses(ids[index], isPoll: true, policy: policy, wish: wish)
            model.operations[index].wish = .wanted
            return differ(refused, .wait)
        }
    }

    private func differ<T: Equatable>(_ real: T, _ expected: T) -> String? {
        real == expected ? nil : "\(real) where the model says \(expected)"
    }
}

extension LedgerModel.Route {
    fileprivate var entry: OperationLedger.Entry {
        switch self {
        case .kernel: .kernel
        case .laneSubmit: .laneSubmit
        case .laneCall: .laneCall
        }
    }
}

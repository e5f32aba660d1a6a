@testable import AIOEngine

/// The ledger and its model side by side, with the IDs under which the ledger knows the operations.
struct LedgerPair {
    var ledger: OperationLedger
    var model: LedgerModel
    var ids: [OperationID] = []

    enum Step {
        case admit(LedgerModel.Queue)
        case dequeueForSubmission
        case requeue(Int)
        case moveToPool(Int)
        case dequeueForPool
        case runInsteadOfSubmitting(Int)
        case complete(Int)
        case cancel(Int, CancelPolicy, OperationLedger.CancellationReason, CancelResult)
    }

    /// What io_cancel returns, where the ledger has it called.
    enum CancelResult: CaseIterable { case granted, refused, pollNotFound }

    init(queueDepth: Int, operations: Int) {
        ledger = OperationLedger(queueDepth: queueDepth)
        model = LedgerModel(queueDepth: queueDepth, operations: operations)
    }

    /// Returns every step that could come next.
    func steps(reasons: [OperationLedger.CancellationReason]) -> [Step] {
        var steps: [Step] = [.dequeueForSubmission, .dequeueForPool]
        if ids.count < model.operations.count { steps += LedgerModel.Queue.allCases.map(Step.admit) }
        for index in ids.indices {
            let operation = model.operations[index]
            // The engine puts only what is still wanted back into a queue.
            let isWanted = operation.cancellation == .none && !operation.abandoned
            switch operation.phase {
            case .submitted: steps += (isWanted ? [.requeue(index), .moveToPool(index)] : []) + [.complete(index)]
            case .poolSubmitted: steps += [.runInsteadOfSubmitting(index), .complete(index)]
            case .running: steps.append(.complete(index))
            case .fresh, .queued, .awaitingPermit, .blockingQueued, .completed: break
            }
            guard operation.phase != .completed else { continue }
            for policy in [CancelPolicy.abandon, .waitThenCancel, .report] {
                for reason in reasons {
                    steps += CancelResult.allCases.map { .cancel(index, policy, reason, $0) }
                }
            }
        }
        return steps
    }

    /// Takes the step in both. Returns a sentence that describes the difference, or nil.
    mutating func perform(_ step: Step) -> String? {
        switch step {
        case .admit(let queue): return admit(queue)
        case .dequeueForSubmission: return dequeueForSubmission()
        case .dequeueForPool: return dequeueForPool()
        case .complete(let index): return differ(ledger.complete(ids[index]), model.complete(index))
        case .cancel(let index, let policy, let reason, let result): return cancel(index, policy, reason, result)
        case .requeue(let index):
            ledger.requeue(ids[index].index)
            model.requeue(index)
        case .moveToPool(let index):
            ledger.moveToPool(ids[index].index)
            model.moveToPool(index)
        case .runInsteadOfSubmitting(let index):
            ledger.runInsteadOfSubmitting(ids[index])
            model.operations[index].phase = .running
        }
        return nil
    }

    private mutating func admit(_ queue: LedgerModel.Queue) -> String? {
        guard let id = ledger.admit(to: queue.inLedger) else {
            return "not admitted"
        }
        if ids.contains(id) { return "\(id) was given out twice" }
        model.admit(ids.count, queue)
        ids.append(id)
        return nil
    }

    private mutating func dequeueForSubmission() -> String? {
        let dequeued = ledger.dequeueForSubmission()
        return differ(dequeued, model.dequeueForSubmission().map { ids[$0].index })
    }

    private mutating func dequeueForPool() -> String? {
        let dequeued = ledger.dequeueForPool()
        let expected: OperationLedger.PoolStep? = model.dequeueForPool().map {
            switch $0 {
            case .submit(let index): .submit(ids[index])
            case .resubmit(let index): .resubmit(ids[index])
            case .call(let index): .call(ids[index])
            }
        }
        return differ(dequeued, expected)
    }

    private mutating func cancel(
        _ index: Int, _ policy: CancelPolicy, _ reason: OperationLedger.CancellationReason, _ result: CancelResult
    ) -> String? {
        let cancellation = ledger.cancel(ids[index], policy: policy, reason)
        if let difference = differ(cancellation, model.cancel(index, policy, reason)) { return difference }
        guard cancellation == .kernelDecides else { return nil }
        switch result {
        case .granted:
            ledger.cancellationGranted(ids[index], reason)
            model.operations[index].cancellation = LedgerModel.CancellationRequest(reason)
            return nil
        case .refused:
            let refused = ledger.cancellationRefused(ids[index], isPoll: false, policy: policy, reason)
            return differ(refused, model.leave(index, policy, reason))
        case .pollNotFound:
            let refused = ledger.cancellationRefused(ids[index], isPoll: true, policy: policy, reason)
            model.operations[index].cancellation = reason == .shutDown ? .requestedForShutDown : .requested
            return differ(refused, .waits)
        }
    }

    private func differ<T: Equatable>(_ real: T, _ expected: T) -> String? {
        real == expected ? nil : "\(real) where the model says \(expected)"
    }
}

extension LedgerModel.Queue {
    fileprivate var inLedger: OperationLedger.Queue {
        switch self {
        case .kernel: .kernel
        case .permit: .permit
        case .blocking: .blocking
        }
    }
}

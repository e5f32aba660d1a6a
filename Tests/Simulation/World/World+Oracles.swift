import ForkSafeMutex
import Synchronization

@testable import AIOEngine

extension World {
    /// After each step: what is wrong inside the engine, in a sentence.
    func violation() -> String? {
        guard let engine else { return nil }
        var (pending, pooled) = (0, 0)
        for loop in engine.loops {
            let found = loop.core.withLock { core -> String? in
                pending += core.ledger.pending
                pooled += core.ledger.pooled
                return core.violation(&checkedLedgers[Int(loop.number)])
            }
            if let found { return "loop \(loop.number): \(found)" }
        }
        guard let shared = engine.loops[0].core.withLock({ $0.load?.shared }) else { return nil }
        let published = shared.pooled.load(ordering: .relaxed)
        if published != pooled { return "\(published) operations of the pool are published, there are \(pooled)" }
        guard scenario.maximumPending != nil else { return nil }
        let publishedPending = shared.pending.load(ordering: .relaxed)
        return publishedPending == pending ? nil : "\(publishedPending) pending are published, there are \(pending)"
    }
}

extension LoopCore {
    /// - Parameter checked: what the ledger was like when it was looked at last; it is not looked at again until it differs.
    fileprivate func violation(_ checked: inout LedgerExtract) -> String? {
        let extract = LedgerExtract(ledger)
        if extract != checked {
            checked = extract
            if let found = ledger.violation() { return found }
        }
        let begun = counters.submitted + counters.inline
        let ended = counters.completed + ledger.inFlight
        return begun == ended
            ? nil : "\(begun) operations were submitted or done inline, \(ended) completed or in flight"
    }
}

extension World {
    /// How late a waiter may be resumed, in nanoseconds.
    static let patience: UInt64 = 30_000_000

    /// Whether a loop's thread may be kept from its work for long, with nobody to stand in for it.
    var mayBeLate: Bool {
        scenario.faults.missingThreads != .never || scenario.hasLongJobs && scenario.loops == 1
    }

    /// What is wrong with the outcome that an operation has now.
    func wrong(_ operation: SimulatedOperation, _ outcome: Outcome) -> String? {
        if operation.outcomes.count > 1 { return "completes \(operation.outcomes.count) times" }
        if operation.isLate { return outcome == .shutDown ? nil : "starts after close, and completes with \(outcome)" }
        if operation.holder != nil,
            operation.specification.policy != .abandon || operation.cancelledAt == nil && !isClosing
        {
            return "completes while \(operation.holder!) has it"
        }
        if let wrong = wrongReason(operation, outcome) { return wrong }
        return mayBeLate ? nil : lateness(operation, outcome)
    }

    private var isClosing: Bool { closesAsked > 0 }

    private func wrongReason(_ operation: SimulatedOperation, _ outcome: Outcome) -> String? {
        switch outcome {
        case .cancelled: return operation.cancelledAt == nil ? "completes as cancelled, which it was not" : nil
        case .shutDown: return isClosing ? nil : "completes as shut down in an open engine"
        case .overloaded: return scenario.maximumPending != nil ? nil : "is too much, without a limit"
        case .forked: return "completes as forked"
        default: break
        }
        if outcome.refusal != nil { return scenario.refusals > 0 ? nil : "is refused without a reason" }
        guard let delivered = operation.delivered else { return "completes with \(outcome) before it has begun" }
        if outcome.rawValue == delivered.result { return nil }
        return "completes with \(outcome.rawValue), not with \(delivered.result)"
    }

    private func lateness(_ operation: SimulatedOperation, _ outcome: Outcome) -> String? {
        if let delivered = operation.delivered, outcome.rawValue == delivered.result {
            let late = scheduler.now - delivered.time
            if late > Self.patience { return "completes \(late / 1000) us after its result was there" }
        }
        let mayGoAtOnce = operation.specification.policy == .abandon || operation.specification.kind == .poll
        if mayGoAtOnce, let cancelledAt = operation.cancelledAt {
            let late = scheduler.now - cancelledAt
            if late > Self.patience { return "completes \(late / 1000) us after it was cancelled" }
        }
        return nil
    }
}

import ForkSafeMutex
import Synchronization

@testable import AIOEngine

extension World {
    /// Makes an operation that uses its file; nil where the file is closed.
    private func make(_ specification: OperationSpecification, actor: Int?) -> SimulatedOperation? {
        let file = files[specification.file]
        guard file.lease.beginUse() else { return nil }
        var specification = specification
        // As files do: what was refused once would be refused again.
        if specification.route == .kernelUnlessBlocking, file.lease.refusesNoWait.load(ordering: .relaxed) {
            specification.route = .blockingSubmit
        }
        let operation = SimulatedOperation(self, operations.count, specification, actor: actor, file: file)
        operations.append(operation)
        operation.memory = memory(of: operation)
        scheduler.step(.admit, operation.number, Int(specification.route.rawValue))
        return operation
    }

    private func memory(of operation: SimulatedOperation) -> AnyObject {
        let memory = OperationMemory(operation)
        guard operation.specification.route == .blockingWork else { return memory }
        return BlockingWork {
            withExtendedLifetime(memory) { operation.world.calls.work(operation) }
        } discard: {
            operation.world.scheduler.step(.discard, operation.number, $0)
            operation.discarded.append($0)
        }
    }

    private func description(_ operation: SimulatedOperation) -> Operation {
        let specification = operation.specification
        return Operation(
            specification.block(operation.number), kind: specification.kind, route: specification.route,
            policy: specification.policy, memory: operation.memory.map(Unmanaged.passUnretained),
            lease: Unmanaged.passUnretained(operation.file.lease))
    }

    func start(_ specification: OperationSpecification, actor: Int?) {
        guard let engine, let operation = make(specification, actor: actor) else { return }
        operation.id = engine.start(description(operation), for: operation.waiter, then: operation.completion)
        if operation.id == nil, operation.outcomes.isEmpty {
            scheduler.fail("operation \(operation.number) was refused without an outcome")
        }
        scheduler.pass(.admitted, operation.number)
    }

    /// Starts operations in one call; all have the first one's waiter.
    func startTogether(_ specifications: [OperationSpecification], actor: Int?) {
        var made: [SimulatedOperation] = []
        for var specification in specifications {
            specification.hasWaiter = false
            if let operation = make(specification, actor: actor) { made.append(operation) }
        }
        guard let engine, !made.isEmpty else { return }
        let all = made.map { (operation: description($0), completion: $0.completion) }
        var ids = [OperationID?](repeating: nil, count: made.count)
        all.withUnsafeBufferPointer { all in ids.withUnsafeMutableBufferPointer { engine.start(all, ids: $0) } }
        for (operation, id) in zip(made, ids) {
            operation.id = id
            if id == nil, operation.outcomes.isEmpty {
                scheduler.fail("operation \(operation.number) was refused without an outcome")
            }
        }
        scheduler.pass(.admitted, made[0].number, made.count)
    }

    /// The waiter of an operation is resumed.
    func completed(_ operation: SimulatedOperation, _ outcome: Outcome) {
        operation.outcomes.append(outcome)
        scheduler.lastProgress = scheduler.now
        scheduler.step(.complete, operation.number, outcome.rawValue)
        if let wrong = wrong(operation, outcome) {
            scheduler.fail("operation \(operation.number) (\(operation.specification)): \(wrong)")
        }
        if outcome == .overloaded { overloads += 1 }
        operation.memory = nil
        operation.file.lease.endUse()
        if operation.specification.followers > 0 {
            var next = operation.specification
            next.followers -= 1
            start(next, actor: nil)
        }
        scheduler.pass(.admitted, operation.number)
    }

    /// A device or a thread works on the operation: what it needs must be there.
    func touch(_ operation: SimulatedOperation) {
        if operation.isMemoryGone { scheduler.fail("operation \(operation.number) works on memory that is gone") }
        if operation.file.isGone { scheduler.fail("operation \(operation.number) works on a file that was closed") }
    }
}

extension World {
    /// The operations that have not completed, in words.
    var unfinished: String {
        let waiting = operations.filter(\.outcomes.isEmpty).map { operation in
            "operation \(operation.number) (\(operation.specification)) \(state(of: operation))"
        }
        return waiting.joined(separator: ", ") + loops
    }

    private func state(of operation: SimulatedOperation) -> String {
        guard let engine, let id = operation.id else { return "on its way" }
        let state = engine.loops[Int(id.loop)].core.withLock { "\($0.ledger.state(id.index))" }
        return "of loop \(id.loop) is \(state)"
    }

    /// What the loops have to do.
    private var loops: String {
        guard let engine else { return "" }
        return engine.loops.map { loop in
            let state = loop.core.withLock { core in
                "\(core.ledger.live) live, \(core.ledger.permitsHeld) permits\(core.isSubmitting ? ", submitting" : "")"
                    + "\(core.isStalled ? ", stalled" : "")\(core.loopSleepsWithoutLimit ? ", asleep" : ""), \(core.phase)"
            }
            return "; loop \(loop.number): \(state)"
        }.joined()
    }
}

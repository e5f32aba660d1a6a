internal import AIOEngine
internal import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Glibc
internal import SystemPackage

extension RequestService {
    /// Completes a request that never got into a queue.
    func completeInline(_ request: RequestDescription, _ outcome: Outcome) -> RequestStart? {
        CompletedRequest(request, outcome).notify()
        return nil
    }

    /// Completes a running request: writes its outcome, notifies its owner and starts the requests that waited for it.
    func complete(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        let (completed, starts) = core.withLock { core in
            if outcome == .cancelled, core.cancelling > 0 { core.cancelled.insert(cell.pointee.id) }
            core.failBarriers(behind: cell, outcome)
            var started: [RequestID] = []
            // Under the lock: a thread that no longer finds the request in the ledger must find its error written.
            let completed = core.complete(cell, outcome)
            core.ledger.complete(cell.pointee.id, starting: &started)
            return (completed, started.map { core.start($0) })
        }
        completed.notify()
        for start in starts { perform(start) }
    }

    /// Continues a request after an attempt at its stream: completes it, or has it wait for readiness.
    func continueAfterAttempt(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        guard cell.pointee.attemptsWithoutWaiting, outcome == Outcome(-Int(EAGAIN)) else {
            // Bytes that were moved are reported, also by a request that was cancelled before the rest.
            let isPartial = outcome == .cancelled && cell.pointee.moved > 0
            return complete(cell, isPartial ? Outcome(cell.pointee.moved) : outcome)
        }
        let (start, wasRequested) = core.withLock { core -> (RequestStart?, Bool) in
            let wasRequested = cell.pointee.cancellationRequested
            if wasRequested, cell.pointee.moved == 0 { return (nil, true) }
            cell.pointee.cancellationRequested = false
            core.ledger.block(cell.pointee.id)
            return (core.start(cell.pointee.id), wasRequested)
        }
        guard let start else { return complete(cell, .cancelled) }
        // The thread in `cancel` waits for this decision: the request is being carried out.
        if wasRequested { pxa_announce() }
        let events = UInt32(cell.pointee.writes ? POLLOUT : POLLIN)
        let poll = Operation(
            .poll(FileDescriptor(rawValue: cell.pointee.request.descriptor), for: events), kind: .poll, route: .kernel,
            policy: .report)
        let completion = Completion(token: UInt(bitPattern: cell), function: pollCompleted)
        record(engine.start(poll, then: completion), of: start)
    }

    /// Continues a request after its wait for readiness: the stream is ready, or cannot be polled, or the request was
    /// cancelled.
    func continueAfterPoll(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        let start = core.withLock { core -> RequestStart? in
            let id = cell.pointee.id
            guard core.ledger.unblock(id) else { return nil }
            // The kernel polls only files with one wait queue: not terminals, nor a FIFO opened for both ways.
            if outcome.errno != nil { cell.pointee.nature = .unpollable }
            return core.start(id)
        }
        if let start { perform(start) }
    }
}

// The engine's completions: the token is a cell's address. A cell has at most one operation under way, and serves no
// other request until that one has completed.

private func cell(_ token: UInt) -> UnsafeMutablePointer<RequestCell> {
    UnsafeMutablePointer(bitPattern: token).unsafelyUnwrapped
}

private func service(_ cell: UnsafeMutablePointer<RequestCell>) -> RequestService {
    cell.pointee.service.takeUnretainedValue()
}

let transferCompleted: Completion.Function = { token, outcome in
    service(cell(token)).complete(cell(token), Outcome(rawValue: outcome))
}

let attemptCompleted: Completion.Function = { token, outcome in
    service(cell(token)).continueAfterAttempt(cell(token), Outcome(rawValue: outcome))
}

let pollCompleted: Completion.Function = { token, outcome in
    service(cell(token)).continueAfterPoll(cell(token), Outcome(rawValue: outcome))
}

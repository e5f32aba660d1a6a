internal import AIOEngine
internal import CPOSIXAIO

extension RequestServiceCore {
    /// Cancels those of the requests that only wait, and marks those whose attempts have yet to decide.
    mutating func cancelWaiting(
        _ state: UnsafeMutablePointer<pxa_state>?, on descriptor: Int32
    ) -> PendingCancellation {
        cancelling += 1
        var pending = PendingCancellation()
        var started: [RequestID] = []
        let ids = ledger.requests(on: descriptor).filter {
            state == nil || cells[Int($0.index)].pointee.request.state == state
        }
        // Those that wait for others go first: otherwise the completion of one would start the next.
        let order = ids.filter { ledger.state($0) == .waiting } + ids.filter { ledger.state($0) != .waiting }
        for id in order {
            let cell = cells[Int(id.index)]
            // While an attempt is under way it alone may use `moved`; while the request polls there is none.
            let mayLeave = ledger.state(id) == .polling && cell.pointee.moved == 0
            switch ledger.cancel(id, mayLeave: mayLeave, starting: &started) {
            case .removed: break
            case .left: if let poll = cell.pointee.operation { pending.polls.append(poll) }
            case .running:
                let isUndecided = ledger.state(id) == .running && cell.pointee.attemptsWithoutWaiting
                if isUndecided { cell.pointee.cancellationRequested = true }
                pending.running.append(
                    PendingCancellation.Running(id: id, operation: cell.pointee.operation, isUndecided: isUndecided))
                continue
            case .none: continue
            }
            pending.hasCancelled = true
            pending.completed.append(complete(cell, .cancelled))
        }
        pending.starts = started.map { start($0) }
        return pending
    }

    /// Whether the attempt that decides about the request has yet to complete.
    func isUndecided(_ id: RequestID) -> Bool {
        ledger.state(id) != .free && cells[Int(id.index)].pointee.cancellationRequested
    }

    /// Returns the outcome, once every request is decided.
    mutating func outcome(of pending: PendingCancellation) -> CancellationOutcome {
        cancelling -= 1
        defer { if cancelling == 0 { cancelled = [] } }
        if pending.running.contains(where: { !cancelled.contains($0.id) && ledger.state($0.id) != .free }) {
            return .notCancelled
        }
        let hasCancelled = pending.hasCancelled || pending.running.contains { cancelled.contains($0.id) }
        return hasCancelled ? .cancelled : .allDone
    }
}

internal import AIOEngine
internal import AIOKernel
internal import AIOLock
package import CPOSIXAIO

/// What became of a wish to cancel: the three answers of aio_cancel.
public enum CancellationOutcome: Sendable, Hashable {
    /// Everything that was asked for is cancelled: its status is ``RequestStatus/cancelled``.
    case cancelled
    /// At least one request is being done and will end by itself.
    case notCancelled
    /// Everything had ended before.
    case allDone
}

extension RequestService {
    /// Cancels the descriptor's requests, or the one whose end is to be written at `state`.
    ///
    /// What waits for its turn or for readiness ends at once, as does what the engine has not given to the
    /// kernel. What the kernel has, it keeps.
    package func cancel(_ state: UnsafeMutablePointer<pxa_state>?, on descriptor: Int32) -> CancellationOutcome {
        var wishes = core.withLock { $0.cancelWaiting(state, on: descriptor) }
        // Polls of those that left: the kernel lets go of them, and their ends free their records.
        for poll in wishes.polls { engine.cancel(poll) }
        for (_, operation) in wishes.running { if let operation { engine.cancel(operation) } }
        let isBeingDone = core.withLock { core in
            core.cancelling -= 1
            defer { if core.cancelling == 0 { core.cancelled = [] } }
            var isBeingDone = false
            for (id, _) in wishes.running {
                if core.cancelled.contains(id) {
                    wishes.hasCancelled = true
                } else if core.ledger.state(id) != .free {
                    isBeingDone = true
                }
            }
            return isBeingDone
        }
        for one in wishes.ended { one.tell() }
        for start in wishes.starts { perform(start) }
        return isBeingDone ? .notCancelled : wishes.hasCancelled ? .cancelled : .allDone
    }
}

extension RequestService.Core {
    /// What follows from a cancellation outside the lock.
    struct Wishes: @unchecked Sendable {
        var ended: [EndedRequest] = []
        var polls: [OperationID] = []
        /// The engine has these, and may still give them back.
        var running: [(RequestID, OperationID?)] = []
        var starts: [RequestService.Start] = []
        var hasCancelled = false
    }

    mutating func cancelWaiting(_ state: UnsafeMutablePointer<pxa_state>?, on descriptor: Int32) -> Wishes {
        cancelling += 1
        var wishes = Wishes()
        var started: [RequestID] = []
        let ids = ledger.requests(on: descriptor).filter {
            state == nil || cells[Int($0.index)].pointee.request.state == state
        }
        // Those that wait for their turn first: otherwise the end of one would start the next.
        let order = ids.filter { ledger.state($0) == .waiting } + ids.filter { ledger.state($0) != .waiting }
        for id in order {
            let cell = cells[Int(id.index)]
            switch ledger.cancel(id, mayLeave: cell.pointee.moved == 0, starting: &started) {
            case .removed: break
            case .left: if let poll = cell.pointee.operation { wishes.polls.append(poll) }
            case .running:
                wishes.running.append((id, cell.pointee.operation))
                continue
            case .none: continue
            }
            wishes.hasCancelled = true
            wishes.ended.append(take(cell, .cancelled))
        }
        wishes.starts = started.map { start($0) }
        return wishes
    }
}

internal import AIOEngine
internal import AIOKernel
package import CPOSIXAIO
internal import ForkSafeMutex

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
    /// kernel. An attempt at a stream is waited for, which takes no longer than a call that finds nothing: a
    /// request that only waits is cancelled, however far it has got on its way to waiting. What the kernel has,
    /// it keeps.
    package func cancel(_ state: UnsafeMutablePointer<pxa_state>?, on descriptor: Int32) -> CancellationOutcome {
        let wishes = core.withLock { $0.cancelWaiting(state, on: descriptor) }
        // Polls of those that left: the kernel lets go of them, and their ends free their records.
        for poll in wishes.polls { engine.cancel(poll) }
        for one in wishes.running { if let operation = one.operation { engine.cancel(operation) } }
        for one in wishes.ended { one.tell() }
        for start in wishes.starts { perform(start) }
        let unsettled = wishes.running.filter(\.isUnsettled).map(\.id)
        if !unsettled.isEmpty { settle(unsettled) }
        return core.withLock { $0.outcome(of: wishes) }
    }

    /// Until the attempts at these have come back.
    private func settle(_ unsettled: [RequestID]) {
        let wait = SettlementWait(service: self, unsettled: unsettled)
        pxa_wait_until(
            { Unmanaged<SettlementWait>.fromOpaque($0).takeUnretainedValue().isOver },
            Unmanaged.passUnretained(wait).toOpaque())
        withExtendedLifetime(wait) {}
    }
}

/// What ``RequestService/settle(_:)`` asks again and again, in a form that C can carry.
private final class SettlementWait: Sendable {
    private let service: RequestService
    private let unsettled: [RequestID]

    init(service: RequestService, unsettled: [RequestID]) {
        self.service = service
        self.unsettled = unsettled
    }

    var isOver: Bool { service.core.withLock { core in !unsettled.contains { core.isUnsettled($0) } } }
}

extension RequestService.Core {
    /// What follows from a cancellation outside the lock.
    struct Wishes: @unchecked Sendable {
        var ended: [EndedRequest] = []
        var polls: [OperationID] = []
        /// The engine has these, and may still give them back.
        var running: [Running] = []
        var starts: [RequestService.Start] = []
        var hasCancelled = false

        struct Running {
            let id: RequestID
            let operation: OperationID?
            /// A moment tells what becomes of it.
            let isUnsettled: Bool
        }
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
            // What has moved is the attempt's own business while that is under way.
            let mayLeave = ledger.state(id) == .polling && cell.pointee.moved == 0
            switch ledger.cancel(id, mayLeave: mayLeave, starting: &started) {
            case .removed: break
            case .left: if let poll = cell.pointee.operation { wishes.polls.append(poll) }
            case .running:
                let isUnsettled = ledger.state(id) == .running && cell.pointee.attemptsInPassing
                if isUnsettled { cell.pointee.isNotWanted = true }
                wishes.running.append(
                    Wishes.Running(id: id, operation: cell.pointee.operation, isUnsettled: isUnsettled))
                continue
            case .none: continue
            }
            wishes.hasCancelled = true
            wishes.ended.append(take(cell, .cancelled))
        }
        wishes.starts = started.map { start($0) }
        return wishes
    }

    /// Whether the attempt that settles it has yet to come back.
    func isUnsettled(_ id: RequestID) -> Bool {
        ledger.state(id) != .free && cells[Int(id.index)].pointee.isNotWanted
    }

    /// The answer, once all that was to be tried was tried.
    mutating func outcome(of wishes: Wishes) -> CancellationOutcome {
        cancelling -= 1
        defer { if cancelling == 0 { cancelled = [] } }
        if wishes.running.contains(where: { !cancelled.contains($0.id) && ledger.state($0.id) != .free }) {
            return .notCancelled
        }
        let hasCancelled = wishes.hasCancelled || wishes.running.contains { cancelled.contains($0.id) }
        return hasCancelled ? .cancelled : .allDone
    }
}

internal import AIOEngine
internal import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Whom to tell of an end, once the lock is released. The control block itself is not touched any more: with
/// its error written it is its owner's again, who may have let go of it.
struct EndedRequest: @unchecked Sendable {
    private let notification: pxa_notification
    private let group: RequestGroup?
    private let owner: AnyObject?
    private let failed: Bool

    /// Writes the end down.
    init(_ request: RequestDescription, _ outcome: Outcome) {
        notification = request.notification
        group = request.group
        owner = request.owner
        let error = outcome == .cancelled ? ECANCELED : outcome.errno?.rawValue ?? (outcome.result == nil ? EIO : 0)
        failed = error != 0
        pxa_finish(request.state, error == 0 ? outcome.rawValue : -1, error)
    }

    func tell() {
        let isLast = group?.oneEnded(failed: failed) ?? false
        // A signal must find the waiters' condition true already, and after the group's count for its waiter.
        pxa_announce()
        if notification.kind != PXA_NOTIFY_NONE { withUnsafePointer(to: notification) { pxa_notify($0) } }
        if isLast { group?.tell() }
    }
}

extension RequestService {
    /// For a request that no queue ever saw.
    func finishAtOnce(_ request: RequestDescription, _ outcome: Outcome) -> Start? {
        EndedRequest(request, outcome).tell()
        return nil
    }

    /// A running request has ended: its end is written, it is told, and those that waited for it begin.
    func end(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        let (ended, starts) = core.withLock { core in
            if outcome == .cancelled, core.cancelling > 0 { core.cancelled.insert(cell.pointee.id) }
            core.tellBarriers(behind: cell, outcome)
            var started: [RequestID] = []
            // Under the lock: who finds no such request any more finds its error written.
            let ended = core.take(cell, outcome)
            core.ledger.end(cell.pointee.id, starting: &started)
            return (ended, started.map { core.start($0) })
        }
        ended.tell()
        for start in starts { perform(start) }
    }

    /// An attempt at a stream brought this.
    func attempted(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        guard cell.pointee.attemptsInPassing, outcome == Outcome(-Int(EAGAIN)) else {
            // Bytes that have gone are told of, also by a request that was cancelled before the rest.
            let isPartial = outcome == .cancelled && cell.pointee.moved > 0
            return end(cell, isPartial ? Outcome(cell.pointee.moved) : outcome)
        }
        let (start, wasUnwanted) = core.withLock { core -> (Start?, Bool) in
            let wasUnwanted = cell.pointee.isNotWanted
            if wasUnwanted, cell.pointee.moved == 0 { return (nil, true) }
            cell.pointee.isNotWanted = false
            core.ledger.block(cell.pointee.id)
            return (core.start(cell.pointee.id), wasUnwanted)
        }
        guard let start else { return end(cell, .cancelled) }
        // Whoever wanted it gone learns that it is being done.
        if wasUnwanted { pxa_announce() }
        let events = UInt32(cell.pointee.writes ? POLLOUT : POLLIN)
        let poll = Operation(
            .poll(FileDescriptor(rawValue: cell.pointee.request.descriptor), for: events), kind: .poll, route: .kernel,
            policy: .report)
        let completion = Completion(token: UInt(bitPattern: cell), function: pollCompleted)
        record(engine.start(poll, then: completion), of: start)
    }

    /// The stream is ready, or cannot be waited for, or nobody wants it any more.
    func polled(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        let start = core.withLock { core -> Start? in
            let id = cell.pointee.id
            guard core.ledger.unblock(id) else { return nil }
            // The kernel polls files with one wait queue only: not terminals, nor a FIFO opened for both ways.
            if outcome.errno != nil { cell.pointee.nature = .unpollable }
            return core.start(id)
        }
        if let start { perform(start) }
    }
}

extension RequestService.Core {
    /// A transfer that failed makes the fsyncs fail that wait for it, as POSIX has it. To be cancelled is no
    /// error of the kernel's: whoever did that knows.
    func tellBarriers(behind cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) {
        guard let error = outcome.errno else { return }
        if case .synchronize = cell.pointee.request.kind { return }
        for barrier in ledger.barriers(behind: cell.pointee.id) {
            let waiting = cells[Int(barrier.index)]
            if waiting.pointee.earlierError == 0 { waiting.pointee.earlierError = error.rawValue }
        }
    }

    /// Writes a request's end, and lets go of what the cell kept for it.
    mutating func take(_ cell: UnsafeMutablePointer<RequestCell>, _ outcome: Outcome) -> EndedRequest {
        defer {
            cell.pointee.request.group = nil
            cell.pointee.request.owner = nil
        }
        // What the fsync itself says comes first.
        let earlier = Int(cell.pointee.earlierError)
        return EndedRequest(
            cell.pointee.request, earlier != 0 && outcome.result != nil ? Outcome(-earlier) : outcome)
    }
}

// The engine's completions: the token is a cell's address. A cell has at most one operation under way, and is
// nobody else's until that has ended.

private func cell(_ token: UInt) -> UnsafeMutablePointer<RequestCell> {
    UnsafeMutablePointer(bitPattern: token).unsafelyUnwrapped
}

private func service(_ cell: UnsafeMutablePointer<RequestCell>) -> RequestService {
    cell.pointee.service.takeUnretainedValue()
}

let transferCompleted: Completion.Function = { token, outcome in
    service(cell(token)).end(cell(token), Outcome(rawValue: outcome))
}

let attemptCompleted: Completion.Function = { token, outcome in
    service(cell(token)).attempted(cell(token), Outcome(rawValue: outcome))
}

let pollCompleted: Completion.Function = { token, outcome in
    service(cell(token)).polled(cell(token), Outcome(rawValue: outcome))
}

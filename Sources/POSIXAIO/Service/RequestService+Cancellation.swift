internal import AIOEngine
internal import AIOKernel
package import CPOSIXAIO
internal import ForkSafeMutex

extension RequestService {
    /// Cancels the descriptor's requests, or the one whose outcome is to be written at `state`.
    ///
    /// A request that waits for others or for readiness completes at once, as does one that the engine has not submitted
    /// to the kernel. An attempt at a stream is awaited, which takes no longer than a call that finds nothing: a request
    /// that would only wait is cancelled, however far it has got. What the kernel has goes on.
    package func cancel(_ state: UnsafeMutablePointer<pxa_state>?, on descriptor: Int32) -> CancellationOutcome {
        let pending = core.withLock { $0.cancelWaiting(state, on: descriptor) }
        // The kernel cancels the polls, and their completions free the entries of their requests.
        for poll in pending.polls { engine.cancel(poll) }
        for one in pending.running { if let operation = one.operation { engine.cancel(operation) } }
        for one in pending.completed { one.notify() }
        for start in pending.starts { perform(start) }
        let undecided = pending.running.filter(\.isUndecided).map(\.id)
        if !undecided.isEmpty { awaitAttempts(at: undecided) }
        return core.withLock { $0.outcome(of: pending) }
    }

    /// Blocks until the attempts at these requests have completed.
    private func awaitAttempts(at undecided: [RequestID]) {
        let wait = AttemptWait(service: self, undecided: undecided)
        pxa_wait_until(
            { Unmanaged<AttemptWait>.fromOpaque($0).takeUnretainedValue().isOver },
            Unmanaged.passUnretained(wait).toOpaque())
        withExtendedLifetime(wait) {}
    }
}

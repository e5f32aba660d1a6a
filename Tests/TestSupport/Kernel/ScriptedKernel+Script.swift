package import AIOKernel
package import SystemPackage

extension ScriptedKernel {
    /// What one call of io_submit does.
    package enum SubmitResult: Sendable {
        /// Accepts all control blocks, the default.
        case acceptAll
        /// Accepts the first `count`.
        case accept(Int)
        /// Accepts none and returns -errno, as for a bad first iocb.
        case fail(Errno)
        /// Hangs until the gate is open, then accepts all: an inline read of a slow disk.
        case hang(Gate)
    }

    /// What one call of io_cancel does.
    package enum CancelResult: Sendable {
        /// Returns -EINPROGRESS and posts the event with result 0.
        case cancel
        /// Returns -EINPROGRESS; the test posts the event.
        case cancelLater
        /// Returns -errno, and the operation goes on. The kernel returns `EINVAL` for reads, writes and fsyncs.
        case refuse(Errno)
    }

    /// Scripts the next io_submit calls, in order; later calls accept everything.
    package func scriptSubmissions(_ results: SubmitResult...) {
        state.withLock { $0.submitResults += results }
    }

    /// Makes iocbs bad for every call from now on. As in io_submit(2), a call accepts the iocbs before the first bad
    /// one, and returns that one's errno if there are none. Nil: no iocb is bad.
    package func refuse(_ refusal: (@Sendable (ControlBlock) -> Errno?)?) {
        state.withLock { $0.refusal = refusal }
    }

    /// Scripts the next io_cancel calls. Later calls cancel a poll in flight and refuse anything else, as the kernel
    /// does.
    package func scriptCancellations(_ results: CancelResult...) {
        state.withLock { $0.cancelResults += results }
    }

    /// Makes the next `count` waits that find no event return -EINTR, a current wait included.
    package func interruptWaits(_ count: Int = 1) {
        state.withLock { $0.interruptions += count }
        news.signal()
    }

    /// Changes what happens to submissions from now on.
    package func setMode(_ mode: Mode) { state.withLock { $0.mode = mode } }
}

extension ScriptedKernel.State {
    /// Takes the scripted result of a call, before the call hangs, as another call may come meanwhile.
    mutating func nextResult(for offered: [ScriptedKernel.Submission]) -> ScriptedKernel.SubmitResult {
        guard !submitResults.isEmpty else { return .acceptAll }
        return submitResults.removeFirst()
    }

    mutating func submit(
        _ offered: [ScriptedKernel.Submission], _ scripted: ScriptedKernel.SubmitResult
    ) -> Int {
        checkAlive("submit")
        if offered.isEmpty { misuse.append("io_submit of nothing") }
        let result = count(of: offered, scripted)
        for submission in offered.prefix(max(0, result)) { accept(submission) }
        calls.append(.init(blocks: offered.map(\.block), result: result))
        return result
    }

    private func count(of offered: [ScriptedKernel.Submission], _ scripted: ScriptedKernel.SubmitResult) -> Int {
        var limit = offered.count
        switch scripted {
        case .acceptAll, .hang: break
        case .accept(let count): limit = min(limit, count)
        case .fail(let errno): return -Int(errno.rawValue)
        }
        for (index, submission) in offered.prefix(limit).enumerated() {
            guard let errno = refusal?(submission.block) else { continue }
            return index > 0 ? index : -Int(errno.rawValue)
        }
        return limit
    }

    private mutating func accept(_ submission: ScriptedKernel.Submission) {
        if inFlight.contains(where: { $0.address == submission.address }) {
            misuse.append("an iocb was submitted while its address was in flight")
        }
        submissions.append(submission)
        if mode == .automatic, let count = submission.block.fullCount {
            events.append(.init(of: submission, result: count))
        } else {
            inFlight.append(submission)
        }
    }

    mutating func cancel(_ address: UInt) -> Int32 {
        checkAlive("cancel")
        cancelCalls.append(address)
        let target = inFlight.first { $0.address == address }
        let standard = target?.block.isPoll == true ? ScriptedKernel.CancelResult.cancel : .refuse(.invalidArgument)
        switch cancelResults.isEmpty ? standard : cancelResults.removeFirst() {
        case .refuse(let errno): return -errno.rawValue
        case .cancelLater: return -Errno.nowInProgress.rawValue
        case .cancel:
            if let target { complete(target, 0) }
            return -Errno.nowInProgress.rawValue
        }
    }

    mutating func checkAlive(_ call: String) {
        if destroyed > 0 { misuse.append("\(call) after destroy") }
    }
}

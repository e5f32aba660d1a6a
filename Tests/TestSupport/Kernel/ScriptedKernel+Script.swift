package import AIOKernel
package import SystemPackage

extension ScriptedKernel {
    /// What one io_submit answers.
    package enum SubmitAnswer: Sendable {
        /// All of them, as ever.
        case acceptAll
        /// The first `count` of them.
        case accept(Int)
        /// None: the call's -errno, which is also what a bad first iocb gives.
        case fail(Errno)
        /// The call hangs until the gate opens, then takes all: an inline read of a slow disk.
        case hang(Gate)
    }

    /// What one io_cancel answers.
    package enum CancelAnswer: Sendable {
        /// -EINPROGRESS, and the event with result 0 is in the ring.
        case cancel
        /// -EINPROGRESS; the event is the test's to post.
        case cancelLater
        /// This -errno, and the operation goes on. Reads, writes and fsyncs: `EINVAL`.
        case refuse(Errno)
    }

    /// The answers of the next io_submit calls, in turn; when they are used up all is accepted. Calls that
    /// carry nothing but the engine's own poll take none.
    package func answerSubmissions(_ answers: SubmitAnswer...) {
        state.withLock { $0.answers += answers }
    }

    /// Which iocbs are bad, for every call from now on: accepted is what comes before the first bad one, and
    /// its errno is the answer where that is nothing. As io_submit(2) does it. Nil: none is.
    package func refuse(_ refusal: (@Sendable (ControlBlock) -> Errno?)?) {
        state.withLock { $0.refusal = refusal }
    }

    /// The answers of the next io_cancel calls. Without one a poll in flight is cancelled and anything else
    /// refused, as the kernel does it.
    package func answerCancellations(_ answers: CancelAnswer...) {
        state.withLock { $0.cancelAnswers += answers }
    }

    /// The next `count` waits that find no event end with -EINTR, one that is under way included.
    package func interruptWaits(_ count: Int = 1) {
        state.withLock { $0.interruptions += count }
        news.signal()
    }

    /// Changes what happens to submissions from now on.
    package func setMode(_ mode: Mode) { state.withLock { $0.mode = mode } }

    /// Holds calls until it is opened.
    package final class Gate: Sendable, CustomStringConvertible {
        private let state = Monitor((isOpen: false, reached: false))
        package init() {}
        package func open() { state.withLock { $0.isOpen = true } }

        /// Until a call hangs here.
        package func waitUntilReached() async throws {
            try await state.wait(for: "a call to hang") { $0.reached ? () : nil }
        }

        /// A test that forgot to open it fails on what it expects then; the thread must not hang for ever.
        func pass() {
            state.withLock { $0.reached = true }
            _ = try? state.wait(for: "the gate to open") { $0.isOpen ? true : nil }
        }

        package var description: String { "gate" }
    }
}

extension ScriptedKernel.State {
    /// This call's answer; taken before it hangs, as another call may come meanwhile.
    mutating func takeAnswer(for offered: [ScriptedKernel.Submission]) -> ScriptedKernel.SubmitAnswer {
        guard !answers.isEmpty, offered.contains(where: { !$0.isWakePoll }) else { return .acceptAll }
        return answers.removeFirst()
    }

    mutating func submit(
        _ offered: [ScriptedKernel.Submission], answer: ScriptedKernel.SubmitAnswer
    ) -> Int {
        checkAlive("submit")
        if offered.isEmpty { misuse.append("io_submit of nothing") }
        let result = count(of: offered, answer: answer)
        for submission in offered.prefix(max(0, result)) { accept(submission) }
        if offered.contains(where: { !$0.isWakePoll }) {
            calls.append(.init(blocks: offered.map(\.block), result: result))
        }
        return result
    }

    private func count(of offered: [ScriptedKernel.Submission], answer: ScriptedKernel.SubmitAnswer) -> Int {
        var limit = offered.count
        switch answer {
        case .acceptAll, .hang: break
        case .accept(let count): limit = min(limit, count)
        case .fail(let errno): return -Int(errno.rawValue)
        }
        for (place, submission) in offered.prefix(limit).enumerated() where !submission.isWakePoll {
            guard let errno = refusal?(submission.block) else { continue }
            return place > 0 ? place : -Int(errno.rawValue)
        }
        return limit
    }

    private mutating func accept(_ submission: ScriptedKernel.Submission) {
        guard !submission.isWakePoll else { return wakePolls.append(submission) }
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
        if let place = wakePolls.firstIndex(where: { $0.address == address }) {
            events.append(.init(of: wakePolls.remove(at: place), result: 0))
            return -Errno.nowInProgress.rawValue
        }
        cancelRequests.append(address)
        let target = inFlight.first { $0.address == address }
        let usual = target?.block.isPoll == true ? ScriptedKernel.CancelAnswer.cancel : .refuse(.invalidArgument)
        switch cancelAnswers.isEmpty ? usual : cancelAnswers.removeFirst() {
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

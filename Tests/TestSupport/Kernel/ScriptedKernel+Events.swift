package import AIOEngine
internal import AIOKernel
internal import CAIOShims
internal import Glibc

extension ScriptedKernel {
    /// Posts the event of an operation in flight. A negative result is -errno; nil is its full count, or 0 where it
    /// has none.
    package func complete(_ submission: Submission, _ result: Int? = nil) {
        state.withLock { state in
            guard state.inFlight.contains(where: { $0.block.data == submission.block.data }) else {
                state.misuse.append("the test completed an operation that is not in flight")
                return
            }
            state.complete(submission, result ?? submission.block.fullCount ?? 0)
        }
        news.signal()
    }

    /// Completes everything in flight, in the order of submission, and returns how many that were.
    @discardableResult
    package func completeAll(_ result: Int? = nil) -> Int {
        let count = state.withLock { state in
            let all = state.inFlight
            for submission in all { state.complete(submission, result ?? submission.block.fullCount ?? 0) }
            return all.count
        }
        news.signal()
        return count
    }

    /// Posts an event that belongs to nothing in flight: a duplicate, a stray, one of an earlier generation.
    package func postStray(_ id: OperationID, address: UInt = 0, result: Int = 0) {
        state.withLock { $0.events.append(CompletionEvent(data: id.tag, address: address, result: result)) }
        news.signal()
    }
}

extension ScriptedKernel.State {
    mutating func complete(_ submission: ScriptedKernel.Submission, _ result: Int) {
        inFlight.removeAll { $0.block.data == submission.block.data }
        events.append(CompletionEvent(of: submission, result: result))
    }

    mutating func reap(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        let count = min(events.count, buffer.count)
        for index in 0..<count { buffer[index] = events[index] }
        events.removeFirst(count)
        defer { isWoken = false }
        return Reaping(count, wasWoken: isWoken)
    }

    mutating func beginWait() {
        checkAlive("reap")
        waiting += 1
        waits += 1
        if waiting > 1 { misuse.append("two threads wait at once") }
    }

    enum WaitStep {
        case result(Reaping)
        /// No event yet.
        case sleep
    }

    mutating func stepOfWait(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> WaitStep {
        let reaping = reap(into: buffer)
        // As in the kernel, an interruption or a destroyed context is reported only when there is no event.
        if reaping != Reaping(0) { return .result(reaping) }
        if destroyed > 0 { return .result(Reaping(-Int(EINVAL))) }
        guard interruptions > 0 else { return .sleep }
        interruptions -= 1
        return .result(Reaping(-Int(EINTR)))
    }
}

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

    mutating func reap(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> Int {
        let count = min(events.count, buffer.count)
        for index in 0..<count { buffer[index] = events[index] }
        events.removeFirst(count)
        return count
    }

    mutating func beginWait() {
        checkAlive("reap")
        waiting += 1
        waits += 1
        if waiting > 1 { misuse.append("two threads wait at once") }
    }

    enum WaitStep {
        case result(Int)
        /// No event yet: check again when one of these descriptors is readable.
        case watch([Int32])
    }

    mutating func stepOfWait(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> WaitStep {
        collectWakeUps()
        let count = reap(into: buffer)
        // As in the kernel, an interruption or a destroyed context is reported only when there is no event.
        if count > 0 { return .result(count) }
        if destroyed > 0 { return .result(-Int(EINVAL)) }
        if interruptions > 0 {
            interruptions -= 1
            return .result(-Int(EINTR))
        }
        return .watch(wakePolls.map { Int32(bitPattern: $0.block.raw.descriptor) })
    }

    /// Completes the engine's own polls whose descriptor has become readable.
    mutating func collectWakeUps() {
        wakePolls.removeAll { submission in
            let mask = Int16(truncatingIfNeeded: submission.block.raw.buffer)
            let found = caio_poll(Int32(bitPattern: submission.block.raw.descriptor), mask, 0)
            guard found > 0 else { return false }
            events.append(CompletionEvent(of: submission, result: Int(found)))
            return true
        }
    }
}

package import AIOEngine
package import AIOKernel
package import CAIOShims
internal import Glibc
internal import SystemPackage

/// A kernel that does what the test says, and only then: partial accepts, refusals, late, stray and repeated
/// events, operations that never end.
///
/// Everything submitted is recorded and stays in flight until the test completes it
/// (`ScriptedKernel+Events.swift`), or completes at once with its full count when `mode` is automatic. The
/// answers of io_submit and io_cancel can be scripted (`ScriptedKernel+Script.swift`).
///
/// The engine's own poll on its wake-up event is no part of the script: it works for real, so that the
/// engine's loop can be woken, and it is neither recorded as a submission nor does it use up an answer.
package final class ScriptedKernel: KernelInterface {
    package enum Mode: Sendable {
        /// Nothing completes but by the test's word.
        case manual
        /// Reads, writes and fsyncs complete inside io_submit, as inline I/O does: before it returns.
        case automatic
    }

    /// One iocb that io_submit accepted.
    package struct Submission: Sendable {
        /// The 64 bytes as they were.
        package let block: ControlBlock
        /// What io_cancel and the event know it by.
        package let address: UInt
        package var id: OperationID { OperationID(tag: block.data) }
    }

    /// One io_submit with something in it besides the engine's own poll.
    package struct SubmitCall: Sendable {
        /// What was offered, accepted or not.
        package let blocks: [ControlBlock]
        /// The count accepted, or -errno.
        package let result: Int
    }

    struct State: Sendable {
        var mode: Mode
        var answers: [SubmitAnswer] = []
        var refusal: (@Sendable (ControlBlock) -> Errno?)?
        var cancelAnswers: [CancelAnswer] = []
        var interruptions = 0

        var calls: [SubmitCall] = []
        var submissions: [Submission] = []
        var inFlight: [Submission] = []
        var cancelRequests: [UInt] = []
        var wakePolls: [Submission] = []
        var events: [CompletionEvent] = []
        var waiting = 0
        var waits = 0
        var destroyed = 0
        var inFlightAtDestroy = 0
        var misuse: [String] = []
    }

    let state: Monitor<State>
    /// Readable when the waiter has something new to look at.
    let news: WakeEvent

    package init(mode: Mode = .manual) throws(KernelError) {
        state = Monitor(State(mode: mode))
        news = try WakeEvent()
    }

    // MARK: KernelInterface

    package func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        let offered = blocks.map { Submission(pointer: $0) }
        let answer = state.withLock { $0.takeAnswer(for: offered) }
        if case .hang(let gate) = answer { gate.pass() }
        let result = state.withLock { $0.submit(offered, answer: answer) }
        // Also for a wake-up poll: a waiter has to watch that descriptor from now on.
        news.signal()
        return result
    }

    package func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 {
        let result = state.withLock { $0.cancel(UInt(bitPattern: block)) }
        news.signal()
        return result
    }

    package func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Int {
        state.withLock { state in
            state.checkAlive("reap")
            state.collectWakeUps()
            return state.reap(into: events)
        }
    }

    package func reap(
        into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64
    ) -> Int {
        let deadline = timeoutNanoseconds < 0 ? nil : caio_monotonic_ns() &+ UInt64(timeoutNanoseconds)
        state.withLock { $0.beginWait() }
        defer { state.withLock { $0.waiting -= 1 } }
        while true {
            // Cleared before the look, so that what comes after the look leaves it readable.
            news.clear()
            switch state.withLock({ $0.stepOfWait(into: events) }) {
            case .result(let result): return result
            case .watch(let descriptors):
                let remaining = deadline.map { Int64(clamping: $0) - Int64(clamping: caio_monotonic_ns()) }
                if let remaining, remaining <= 0 { return 0 }
                poll([news.descriptor.rawValue] + descriptors, nanoseconds: remaining)
            }
        }
    }

    package func destroy() {
        state.withLock { state in
            state.checkAlive("destroy")
            state.destroyed += 1
            state.inFlightAtDestroy = state.inFlight.count
        }
        news.signal()
    }

    /// poll(2) for input on any of `descriptors`; what it finds is looked at afterwards.
    private func poll(_ descriptors: [Int32], nanoseconds: Int64?) {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Rounded up: a wait that ends early would spin until its time is over.
        let milliseconds = nanoseconds.map { Int32(clamping: ($0 - 1) / 1_000_000 + 1) } ?? -1
        _ = Glibc.poll(&entries, nfds_t(entries.count), milliseconds)
    }
}

extension ScriptedKernel.Submission {
    init(pointer: UnsafeMutablePointer<caio_iocb>) {
        var copy = ControlBlock()
        copy.raw = pointer.pointee
        block = copy
        address = UInt(bitPattern: pointer)
    }

    /// The engine's own poll, by the tag that no operation can have.
    var isWakePoll: Bool { block.isPoll && block.data == OperationID(index: .max, generation: .max).tag }
}

package import AIOEngine
package import AIOKernel
package import CAIOShims
internal import Glibc
internal import SystemPackage

/// A kernel that a test controls: partial accepts, refusals, late, stray and duplicate events, operations that never
/// complete.
///
/// Everything submitted is recorded and stays in flight until the test completes it
/// (`ScriptedKernel+Events.swift`), or completes at once with its full count when `mode` is automatic. The results
/// of io_submit and io_cancel can be scripted (`ScriptedKernel+Script.swift`).
package final class ScriptedKernel: KernelInterface {
    package enum Mode: Sendable {
        /// Operations complete only when the test completes them.
        case manual
        /// Reads, writes and fsyncs complete inside io_submit, as inline I/O does: before it returns.
        case automatic
    }

    /// One iocb that io_submit accepted.
    package struct Submission: Sendable {
        /// A copy of its 64 bytes.
        package let block: ControlBlock
        /// The address that identifies it in io_cancel and in its event.
        package let address: UInt
        package var id: OperationID { OperationID(tag: block.data) }
    }

    /// One call of io_submit.
    package struct SubmitCall: Sendable {
        /// The control blocks passed to the call, accepted or not.
        package let blocks: [ControlBlock]
        /// The count accepted, or -errno.
        package let result: Int
    }

    struct State: Sendable {
        var mode: Mode
        var submitResults: [SubmitResult] = []
        var refusal: (@Sendable (ControlBlock) -> Errno?)?
        var cancelResults: [CancelResult] = []
        var interruptions = 0

        var calls: [SubmitCall] = []
        var submissions: [Submission] = []
        var inFlight: [Submission] = []
        var cancelCalls: [UInt] = []
        var isWoken = false
        var events: [CompletionEvent] = []
        var waiting = 0
        var waits = 0
        var destroyed = 0
        var inFlightAtDestroy = 0
        var misuse: [String] = []
    }

    let state: Monitor<State>
    /// Readable when the waiter has something new to check.
    let news: WakeEvent

    package init(mode: Mode = .manual) throws(KernelError) {
        state = Monitor(State(mode: mode))
        news = try WakeEvent()
    }

    // MARK: KernelInterface

    package func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        let offered = blocks.map { Submission(pointer: $0) }
        let scripted = state.withLock { $0.nextResult(for: offered) }
        if case .hang(let gate) = scripted { gate.pass() }
        let result = state.withLock { $0.submit(offered, scripted) }
        news.signal()
        return result
    }

    package func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 {
        let result = state.withLock { $0.cancel(UInt(bitPattern: block)) }
        news.signal()
        return result
    }

    package func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        state.withLock { state in
            state.checkAlive("reap")
            return state.reap(into: events)
        }
    }

    package func wake() {
        state.withLock { $0.isWoken = true }
        news.signal()
    }

    package func reap(
        into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64
    ) -> Reaping {
        let deadline = timeoutNanoseconds < 0 ? nil : caio_monotonic_ns() &+ UInt64(timeoutNanoseconds)
        state.withLock { $0.beginWait() }
        defer { state.withLock { $0.waiting -= 1 } }
        while true {
            // Cleared before the check, so that what arrives after the check leaves it readable.
            news.clear()
            switch state.withLock({ $0.stepOfWait(into: events) }) {
            case .result(let result): return result
            case .sleep:
                let remaining = deadline.map { Int64(clamping: $0) - Int64(clamping: caio_monotonic_ns()) }
                if let remaining, remaining <= 0 { return Reaping(0) }
                sleep(nanoseconds: remaining)
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

    /// Waits until there is something new to check.
    private func sleep(nanoseconds: Int64?) {
        // Rounded up: a wait that ends early would spin until its time is over.
        let milliseconds = nanoseconds.map { Int32(clamping: ($0 - 1) / 1_000_000 + 1) } ?? -1
        _ = caio_poll(news.descriptor.rawValue, Int16(POLLIN), milliseconds)
    }
}

extension ScriptedKernel.Submission {
    init(pointer: UnsafeMutablePointer<caio_iocb>) {
        var copy = ControlBlock()
        copy.raw = pointer.pointee
        block = copy
        address = UInt(bitPattern: pointer)
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization

/// Room for the events of one reaping and for the completions that follow from them; one thread's own.
struct ReapingBuffers {
    let events: UnsafeMutableBufferPointer<CompletionEvent>
    let completions: UnsafeMutablePointer<PendingCompletion>

    private static let capacity = 256

    init() {
        events = .allocate(capacity: Self.capacity)
        events.initialize(repeating: CompletionEvent())
        completions = .allocate(capacity: Self.capacity)
    }

    func deallocate() {
        events.deallocate()
        completions.deallocate()
    }
}

extension EngineLoop {
    /// Completes the operations of the events that were reaped: all in one locked region, then the next operations go to
    /// the kernel, and only then the waiters are resumed, so that the device is never idle for their sake.
    func complete(_ reaping: Reaping, in buffers: ReapingBuffers, at now: UInt64) {
        var completed = 0
        let actions = withCore { core in
            if reaping.wasWoken { core.counters.wakeUps += 1 }
            for event in buffers.events[..<max(0, reaping.count)] {
                if case .completed(let completion) = core.reap(event, at: now) {
                    (buffers.completions + completed).initialize(to: completion)
                    completed += 1
                }
            }
            pendingCount.store(core.ledger.pending, ordering: .relaxed)
            return core.actions(afterCompleting: completed)
        }
        perform(actions)
        for index in 0..<completed { (buffers.completions + index).move().deliver() }
    }
}

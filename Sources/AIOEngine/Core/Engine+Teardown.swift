internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension Engine {
    /// The callers that wait for the engine's end, and the thread that they wait for.
    struct Ending {
        var thread: pthread_t?
        var waiters: [@Sendable () -> Void] = []
        var isOver = false
    }

    /// Starts the loop's thread. It holds the engine until it ends, so operations in flight keep it alive.
    func startLoop(_ loop: consuming EngineLoop) throws(KernelError) {
        let ready = loop
        let thread = spawnThread(name: configuration.name, detached: false) { self.run(ready) }
        guard let thread else {
            ready.deallocate()
            throw KernelError(
                .setup, .resourceTemporarilyUnavailable,
                advice: "no thread could be started: raise the limit on processes (ulimit -u)")
        }
        ending.withLock { $0.thread = thread }
    }

    private func run(_ loop: EngineLoop) {
        loopThread.store(UInt(pthread_self()), ordering: .relaxed)
        var loop = loop
        loop.run()
        loop.deallocate()
        tearDown()
    }

    /// Admits nothing new, and ends the engine after the last operation: threads, context, descriptors.
    ///
    /// Returns at once. `cancelling`: what can be cancelled is. May be called again, also to go from waiting
    /// to cancelling.
    ///
    /// - Parameter completion: called on another thread when everything is gone.
    package func close(cancelling: Bool = false, then completion: (@Sendable () -> Void)? = nil) {
        guard belongsToThisProcess else {
            // The threads and the kernel's context are the parent's.
            completion?()
            return
        }
        if let completion {
            let isOver = ending.withLock { ending in
                if !ending.isOver { ending.waiters.append(completion) }
                return ending.isOver
            }
            if isOver { return completion() }
        }
        isClosed.store(true, ordering: .relaxed)
        let begins = core.withLock { core in
            defer { core.loopSleepsWithoutLimit = false }
            switch core.phase {
            case .running: core.phase = cancelling ? .cancelling : .draining
            case .draining where cancelling: core.phase = .cancelling
            case .draining, .cancelling, .ended: return false
            }
            return true
        }
        guard begins else { return }
        if cancelling { cancelAll(.shutDown) }
        wakeLoop()
    }

    /// Whether the loop may end.
    var isFinished: Bool { core.withLock { $0.phase != .running && $0.ledger.isEmpty } }

    /// Ends everything, as the last act of the loop's thread. io_destroy takes 30 ms and more: here it holds nobody up.
    private func tearDown() {
        // The system gives the number of an ended thread to another one.
        loopThread.store(0, ordering: .relaxed)
        client?.loopEnded()
        blockingPool.stop()
        destroyKernel()
        // Only now: until the context was gone its poll held the descriptor.
        wake.withLock { $0 = nil }
        core.withLock { $0.phase = .ended }
        LiveCounts.contextsDestroyed.add(1, ordering: .relaxed)
        // This thread cannot join itself, and the callers that wait for the end want it gone.
        Housekeeping.shared.run { self.finishTearDown() }
    }

    private func finishTearDown() {
        if let thread = ending.withLock({ $0.thread.take() }) { pthread_join(thread, nil) }
        let waiters = ending.withLock { ending in
            ending.isOver = true
            defer { ending.waiters = [] }
            return ending.waiters
        }
        for waiter in waiters { waiter() }
    }
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension Engine {
    /// The callers that wait for the engine's end, and the threads that they wait for.
    struct Ending {
        var threads: [pthread_t] = []
        var runningLoops: Int
        var waiters: [@Sendable () -> Void] = []
        var isOver = false
    }

    /// Starts the loops' threads. They hold the engine until they end, so operations in flight keep it alive.
    ///
    /// - Throws: where the system has no thread to give. The loops that were started end again.
    func startLoops() throws(KernelError) {
        for loop in loops {
            let name = loops.count == 1 ? configuration.name : threadName(loop.number)
            // Held by the thread: where a later loop gets none, the caller lets go of the clients while this one ends.
            let owner = loop.client?.owner.map(ClientOwner.init)
            let thread = host.threads.start(name: name, detached: false) {
                withExtendedLifetime(owner) { self.run(loop) }
            }
            guard let thread else {
                // Those that never came up have ended already.
                let missing = loops.count - Int(loop.number)
                let isLast = ending.withLock { ending in
                    ending.runningLoops -= missing
                    return ending.runningLoops == 0
                }
                if isLast { endContexts() } else { close() }
                throw KernelError(
                    .setup, .resourceTemporarilyUnavailable,
                    advice: "no thread could be started: raise the limit on processes (ulimit -u)")
            }
            ending.withLock { $0.threads.append(thread) }
        }
    }

    /// The name of a loop's thread, of which the system keeps 15 bytes.
    private func threadName(_ number: UInt16) -> String {
        let suffix = "-\(number)"
        var name = configuration.name
        while name.utf8.count + suffix.utf8.count > 15 { name.removeLast() }
        return name + suffix
    }

    private func run(_ loop: EngineLoop) {
        if configuration.pinsLoops { _ = caio_pin_thread(Int32(loop.number)) }
        caio_set_current_loop(Unmanaged.passUnretained(loop).toOpaque())
        var thread = LoopThread(loop, siblings: loops)
        thread.run()
        thread.deallocate()
        caio_set_current_loop(nil)
        loop.client?.loopEnded()
        let isLast = ending.withLock { ending in
            ending.runningLoops -= 1
            return ending.runningLoops == 0
        }
        if isLast { tearDown() }
    }

    /// Admits nothing new, and ends the engine after the last operation: threads, contexts, descriptors.
    ///
    /// Returns at once. `cancelling`: what can be cancelled is. May be called again, also to go from waiting
    /// to cancelling.
    ///
    /// - Parameter completion: called on another thread when everything is gone.
    package func close(cancelling: Bool = false, then completion: (@Sendable () -> Void)? = nil) {
        guard belongsToThisProcess else {
            // The threads and the kernel's contexts are the parent's.
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
        for loop in loops { loop.close(cancelling: cancelling) }
    }

    /// Whether the loops may end: together, as a loop that has nothing left of its own may have to stand in for another.
    var isFinished: Bool { loops.allSatisfy(\.isFinished) }

    /// Ends everything, as the last act of the last loop's thread. io_destroy takes 30 ms and more: here it holds nobody
    /// up.
    private func tearDown() {
        blockingPool.stop()
        endContexts()
        // This thread cannot join itself, and the callers that wait for the end want it gone.
        host.threads.runInBackground { self.finishTearDown() }
    }

    private func endContexts() {
        destroyKernel()
        for loop in loops { loop.core.withLock { $0.phase = .ended } }
        LiveCounts.contextsDestroyed.add(1, ordering: .relaxed)
    }

    private func finishTearDown() {
        let threads = ending.withLock { ending in
            defer { ending.threads = [] }
            return ending.threads
        }
        for thread in threads { host.threads.join(thread) }
        let waiters = ending.withLock { ending in
            ending.isOver = true
            defer { ending.waiters = [] }
            return ending.waiters
        }
        for waiter in waiters { waiter() }
    }
}

/// What a loop's client refers to, kept by the loop's thread and not used.
private struct ClientOwner: @unchecked Sendable {
    let object: AnyObject
    init(_ object: AnyObject) { self.object = object }
}

extension EngineLoop {
    /// Admits nothing new, and lets the loop end after its last operation.
    func close(cancelling: Bool) {
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
        wake()
    }

    /// Whether nothing of this loop's is left.
    var isFinished: Bool { core.withLock { $0.phase != .running && $0.ledger.isEmpty } }
}

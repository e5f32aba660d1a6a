internal import AIOKernel
internal import ForkSafeMutex
internal import Synchronization

extension LoopThread {
    /// How often the watcher looks at the loops that run jobs.
    static let watchInterval: Int64 = 1_000_000

    /// Whether this loop, which is about to sleep, has to look after others: where one of them runs jobs and nobody else
    /// does.
    mutating func watches() -> Bool {
        guard !siblings.isEmpty else { return false }
        let now = loop.clock.now()
        if siblings.contains(where: { $0.activity.isActive(at: now) }) {
            isWatching = engine.watch.take(loop.number)
        } else if isWatching {
            stopWatching()
            // Once more: a loop that began its jobs before it could see the role given up has woken nobody.
            if siblings.contains(where: { $0.activity.isActive(at: now) }) {
                isWatching = engine.watch.take(loop.number)
            }
        }
        return isWatching
    }

    mutating func stopWatching() {
        guard isWatching else { return }
        isWatching = false
        engine.watch.leave(loop.number)
    }

    /// Does for every loop that is caught in a job what its thread cannot: submits, reaps, and looks for cancelled waiters.
    /// What that completes goes on here.
    func standIn() {
        for sibling in siblings where sibling.activity.isCaught(at: now) {
            guard sibling.noteCaught() else { continue }
            // A kernel that had no room is asked again, as the loop's own scan would.
            sibling.core.withLock { $0.isStalled = false }
            sibling.submit()
            let reaping = sibling.reapForCaughtThread(into: buffers)
            if reaping.count > 0 || reaping.wasWoken { sibling.complete(reaping, in: buffers, at: now) }
            sibling.retryCancellations()
            sibling.scanWaiters(olderThan: Self.minimumAge, now: now)
        }
    }
}

extension EngineLoop {
    /// Notes that the loop's thread is caught; false where its jobs have ended meanwhile, as nobody would take the note back.
    fileprivate func noteCaught() -> Bool {
        ringLock.withLock { _ in
            guard activity.isInJobs else { return false }
            activity.noteCaught()
            return true
        }
    }

    /// Reaps while the loop's own thread is in a job; nothing once it is not.
    fileprivate func reapForCaughtThread(into buffers: ReapingBuffers) -> Reaping {
        ringLock.withLock { _ in
            guard activity.isInJobs, hasKernel.load(ordering: .acquiring) else { return Reaping(0) }
            return kernel.reap(into: buffers.events)
        }
    }
}

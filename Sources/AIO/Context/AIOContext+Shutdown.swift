internal import AIOEngine

extension AIOContext {
    /// How to end.
    public enum Shutdown: Sendable {
        /// Everything that was started ends as usual. After `timeout` the rest is cancelled, and
        /// ``AIOContext/shutdown(_:)`` throws ``AIOError/Code/timedOut``.
        case drain(timeout: Duration? = nil)
        /// What waits is never started, and what the kernel has is cancelled where it can be: both throw
        /// ``AIOError/Code/shutDown``. Writes and syncs that the kernel has are waited for.
        case cancel
    }

    /// Lets nothing new in, and waits until the context is gone: its operations, io_destroy(2), its threads.
    ///
    /// Idempotent, and callable from any number of tasks at once, also from one that runs on the context's
    /// executor; what such tasks still have to run afterwards, they run on another thread. Every later
    /// operation throws ``AIOError/Code/shutDown``. Being cancelled does not cut it short.
    ///
    /// - Throws: ``AIOError/Code/timedOut`` when a drain's time was over; what is left ends in the background,
    ///   and another call waits for it. ``AIOError/Code/forked`` in a forked child.
    public func shutdown(_ mode: Shutdown = .drain()) async throws {
        guard engine.belongsToThisProcess else { throw ErrorDetails("shutdown").error(Outcome.forked) }
        switch mode {
        case .cancel:
            await closeEngine(cancelling: true)
        case .drain(timeout: nil):
            await closeEngine(cancelling: false)
        case .drain(let timeout?):
            try await drain(within: timeout)
        }
    }

    private func closeEngine(cancelling: Bool) async {
        let engine = engine
        await withUnsafeContinuation { continuation in
            engine.close(cancelling: cancelling) { continuation.resume() }
        }
    }

    private func drain(within timeout: Duration) async throws {
        let engine = engine
        let isOver = OneShot()
        let inTime = await withUnsafeContinuation { continuation in
            // Unstructured: when the time is over this must return although the engine has not ended.
            let timer = Task.detached {
                try await Task.sleep(for: timeout.countable)
                guard isOver.fire() else { return }
                engine.close(cancelling: true)
                continuation.resume(returning: false)
            }
            engine.close {
                timer.cancel()
                if isOver.fire() { continuation.resume(returning: true) }
            }
        }
        guard inTime else {
            let left = engine.live
            throw ErrorDetails("shutdown").error(
                .timedOut, advice: left == 0 ? "" : "\(left) operations were still with the kernel, which ends them")
        }
    }
}

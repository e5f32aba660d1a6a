internal import AIOEngine

extension AIOContext {
    /// How a context is shut down.
    public enum Shutdown: Sendable {
        /// Operations that were started complete as usual. After `timeout` the remaining ones are cancelled, and
        /// ``AIOContext/shutdown(_:)`` throws ``AIOError/Code/timedOut``. nil: no time limit.
        case drain(timeout: Duration? = nil)
        /// Pending operations are never submitted, and operations in the kernel are cancelled where that is possible:
        /// both throw ``AIOError/Code/shutDown``. Writes and syncs that the kernel has are awaited.
        case cancel
    }

    /// Refuses new operations, and waits until the context is gone: its operations have completed, io_destroy(2) has
    /// returned, its threads have ended.
    ///
    /// Idempotent, and callable from any number of tasks at once, also from one that runs on the context's executor;
    /// such a task continues on another thread afterwards. Every later operation throws ``AIOError/Code/shutDown``.
    /// Task cancellation does not cut it short.
    ///
    /// - Parameter mode: whether to let the operations complete or to cancel them.
    /// - Throws: ``AIOError/Code/timedOut`` when the time limit of a drain has passed; the context then ends in the
    ///   background, and another call waits for it. ``AIOError/Code/forked`` in a forked child.
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
            // Unstructured: when the time has passed this must return although the engine has not ended.
            let timer = Task.detached {
                try await Task.sleep(for: timeout.clampedToLongestSleep)
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
                .timedOut, advice: left == 0 ? "" : "\(left) operations were still in the kernel, which completes them")
        }
    }
}

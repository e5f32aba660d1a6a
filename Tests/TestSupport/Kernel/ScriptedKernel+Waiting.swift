extension ScriptedKernel {
    // MARK: Calls made so far

    /// Submissions accepted so far, in order.
    package var submissions: [Submission] { state.withLock { $0.submissions } }
    package var submitCalls: [SubmitCall] { state.withLock { $0.calls } }
    /// Submissions accepted and without an event so far.
    package var inFlight: [Submission] { state.withLock { $0.inFlight } }
    /// The addresses that io_cancel was called with, in order.
    package var cancelCalls: [UInt] { state.withLock { $0.cancelCalls } }
    /// How often a thread has gone to sleep in the kernel.
    package var waitCount: Int { state.withLock { $0.waits } }
    package var destroyCount: Int { state.withLock { $0.destroyed } }
    /// How many operations a real io_destroy would have had to wait for.
    package var inFlightAtDestroy: Int { state.withLock { $0.inFlightAtDestroy } }
    /// Errors of the engine: calls after destroy, two waiters, an address in flight twice. Expected to be empty.
    package var misuse: [String] { state.withLock { $0.misuse } }

    // MARK: Waiting for it, from threads that may block

    /// Waits until `count` operations have been accepted altogether. Returns all that were accepted by then.
    @available(*, noasync)
    @discardableResult
    package func waitUntilSubmitted(_ count: Int) throws -> [Submission] {
        try state.wait(for: "\(count) submissions") { $0.accepted(count) }
    }

    /// Waits until io_submit has been called `count` times altogether, refused calls included.
    @available(*, noasync)
    @discardableResult
    package func waitUntilCalled(_ count: Int) throws -> [SubmitCall] {
        try state.wait(for: "\(count) calls of io_submit") { $0.called(count) }
    }

    // MARK: Waiting for it, from tasks

    @discardableResult
    package func waitUntilSubmitted(_ count: Int) async throws -> [Submission] {
        try await state.wait(for: "\(count) submissions") { $0.accepted(count) }
    }

    @discardableResult
    package func waitUntilCalled(_ count: Int) async throws -> [SubmitCall] {
        try await state.wait(for: "\(count) calls of io_submit") { $0.called(count) }
    }

    /// Waits until io_cancel has been called `count` times altogether.
    @discardableResult
    package func waitUntilCancelCalled(_ count: Int) async throws -> [UInt] {
        try await state.wait(for: "\(count) calls of io_cancel") {
            $0.cancelCalls.count >= count ? $0.cancelCalls : nil
        }
    }

    /// Waits until a thread is in io_getevents for at least the `count`th time.
    package func waitUntilWaiting(_ count: Int = 1) async throws {
        try await state.wait(for: "a thread in io_getevents") { $0.waiting > 0 && $0.waits >= count ? () : nil }
    }

    /// Waits until every event that was posted has been reaped.
    package func waitUntilReaped() async throws {
        try await state.wait(for: "events to be reaped") { $0.events.isEmpty ? () : nil }
    }

    package func waitUntilDestroyed() async throws {
        try await state.wait(for: "io_destroy") { $0.destroyed > 0 ? () : nil }
    }
}

extension ScriptedKernel.State {
    fileprivate func accepted(_ count: Int) -> [ScriptedKernel.Submission]? {
        submissions.count >= count ? submissions : nil
    }

    fileprivate func called(_ count: Int) -> [ScriptedKernel.SubmitCall]? { calls.count >= count ? calls : nil }
}

extension ScriptedKernel {
    // MARK: What was asked of it

    /// Accepted so far, in order, without the engine's own polls.
    package var submissions: [Submission] { state.withLock { $0.submissions } }
    package var submitCalls: [SubmitCall] { state.withLock { $0.calls } }
    /// Accepted and without an event so far.
    package var inFlight: [Submission] { state.withLock { $0.inFlight } }
    /// Addresses that io_cancel was called with, in order.
    package var cancelRequests: [UInt] { state.withLock { $0.cancelRequests } }
    package var destroyCount: Int { state.withLock { $0.destroyed } }
    /// How many operations a real io_destroy would have had to wait for.
    package var inFlightAtDestroy: Int { state.withLock { $0.inFlightAtDestroy } }
    /// What no engine may do: calls after destroy, two waiters, an address in flight twice. To be empty.
    package var misuse: [String] { state.withLock { $0.misuse } }

    // MARK: Waiting for it, from threads that may block

    /// Until `count` operations have been accepted altogether; returns all that were by then.
    @available(*, noasync)
    @discardableResult
    package func waitUntilSubmitted(_ count: Int) throws -> [Submission] {
        try state.wait(for: "\(count) submissions") { $0.accepted(count) }
    }

    /// Until io_submit has been called `count` times altogether, refused calls included.
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

    /// Until io_cancel has been called `count` times altogether.
    @discardableResult
    package func waitUntilCancelAsked(_ count: Int) async throws -> [UInt] {
        try await state.wait(for: "\(count) calls of io_cancel") {
            $0.cancelRequests.count >= count ? $0.cancelRequests : nil
        }
    }

    /// Until a thread is in io_getevents for at least the `count`th time.
    package func waitUntilWaiting(_ count: Int = 1) async throws {
        try await state.wait(for: "a thread in io_getevents") { $0.waiting > 0 && $0.waits >= count ? () : nil }
    }

    /// Until every event that was posted has been taken.
    package func waitUntilReaped() async throws {
        try await state.wait(for: "events to be taken") { $0.events.isEmpty ? () : nil }
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

internal import AIOEngine
internal import AIOKernel
internal import Synchronization
public import SystemPackage

extension AIOContext {
    /// Waits until a descriptor is ready: `IOCB_CMD_POLL`, a poll(2) without a thread.
    ///
    /// The descriptor has to stay open meanwhile. A wait takes one of the context's `queueDepth` places.
    /// When the task is cancelled the kernel cancels the poll, at once.
    ///
    /// - Parameters:
    ///   - descriptor: of a pipe, a socket, an eventfd or anything else that poll(2) waits for; a regular
    ///     file is always ready.
    ///   - events: what to wait for; ``AIOEvents/hangUp`` and ``AIOEvents/error`` always count.
    /// - Returns: what is true of it now, at least one.
    /// - Throws: ``AIOError/Code/badDescriptor``, ``AIOError/Code/invalidArgument`` for no events at all,
    ///   ``AIOError/Code/shutDown``, and `CancellationError`.
    public func waitUntilReady(_ descriptor: FileDescriptor, for events: AIOEvents) async throws -> AIOEvents {
        let details = ErrorDetails("waiting for descriptor \(descriptor.rawValue)")
        guard !events.isEmpty, events.rawValue <= 0xffff else {
            throw details.error(.invalidArgument, advice: "ask for the events of AIOEvents, at least one")
        }
        let outcome = await performHandled(
            Operation(.poll(descriptor, for: events.rawValue), kind: .poll, route: .kernel, policy: .report))
        // A poll that had to wait tells everything that its waker said, asked for or not (POLLRDNORM …).
        let found = AIOEvents(rawValue: UInt32(truncatingIfNeeded: try outcome.get(details)))
        return found.intersection(events.union([.hangUp, .error]))
    }
}

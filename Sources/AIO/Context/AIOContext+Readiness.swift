internal import AIOEngine
internal import AIOKernel
internal import Synchronization
public import SystemPackage

extension AIOContext {
    /// Waits until a descriptor is ready: `IOCB_CMD_POLL`, a poll(2) that needs no thread.
    ///
    /// The descriptor has to stay open meanwhile. A wait holds one of the context's `queueDepth` permits.
    ///
    /// - Parameters:
    ///   - descriptor: of a pipe, a socket, an eventfd or anything else that poll(2) waits for; a regular
    ///     file is always ready.
    ///   - events: the events to wait for; ``AIOEvents/hangUp`` and ``AIOEvents/error`` are always waited for.
    /// - Returns: the events of these that the descriptor is ready for, at least one.
    /// - Throws: ``AIOError/Code/badDescriptor``, ``AIOError/Code/invalidArgument`` if there are no events to wait for,
    ///   ``AIOError/Code/shutDown`` and so on; `CancellationError` when the task is cancelled, as soon as the kernel
    ///   has cancelled the poll.
    public func waitUntilReady(_ descriptor: FileDescriptor, for events: AIOEvents) async throws -> AIOEvents {
        let details = ErrorDetails("waiting for descriptor \(descriptor.rawValue)")
        guard !events.isEmpty, events.rawValue <= 0xffff else {
            throw details.error(.invalidArgument, advice: "ask for the events of AIOEvents, at least one")
        }
        let outcome = await performHandled(
            Operation(.poll(descriptor, for: events.rawValue), kind: .poll, route: .kernel, policy: .report))
        // A poll that had to wait returns all events of the wake-up, requested or not (POLLRDNORM …).
        let found = AIOEvents(rawValue: UInt32(truncatingIfNeeded: try outcome.get(details)))
        return found.intersection(events.union([.hangUp, .error]))
    }
}

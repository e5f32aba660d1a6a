internal import CAIOShims
public import SystemPackage

/// An eventfd(2): lets any thread wake one that waits for completions, by way of a poll in the ring.
public struct WakeEvent: ~Copyable, Sendable {
    /// Readable from the first signal on until ``clear()``; never blocks, closed on exec and with the value.
    public let descriptor: FileDescriptor

    /// Makes one that has not been signalled: eventfd(2).
    ///
    /// - Throws: `EMFILE` or `ENFILE` when there are no descriptors left, `ENOMEM`.
    public init() throws(KernelError) {
        let result = caio_eventfd()
        guard result >= 0 else {
            throw KernelError(
                .eventfd, Errno(rawValue: -result),
                advice: result == -Errno.tooManyOpenFiles.rawValue ? "raise the limit on open files (ulimit -n)" : "")
        }
        descriptor = FileDescriptor(rawValue: result)
    }

    deinit { _ = caio_close(descriptor.rawValue) }

    /// Makes the descriptor readable: one write(2), from any thread or signal handler. Cannot fail but by a counter that is full, when it is readable anyway.
    public func signal() { _ = caio_eventfd_write(descriptor.rawValue) }

    /// Takes all signals so far, so that the next poll waits: one read(2), nothing when there were none.
    public func clear() { _ = caio_eventfd_read(descriptor.rawValue) }
}

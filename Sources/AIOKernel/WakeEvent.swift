internal import CLibAIO
public import SystemPackage

/// An eventfd(2): lets any thread wake one that waits for completions, by way of a poll request in the ring.
public struct WakeEvent: ~Copyable, Sendable {
    public let descriptor: FileDescriptor

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

    /// Makes the descriptor readable. Cannot fail but by a counter that is full, when it is readable anyway.
    public func signal() { _ = caio_eventfd_write(descriptor.rawValue) }

    /// Takes all signals so far, so that the next poll waits.
    public func clear() { _ = caio_eventfd_read(descriptor.rawValue) }
}

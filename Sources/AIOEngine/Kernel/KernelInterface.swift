package import AIOKernel
package import CAIOShims

/// The engine's view of a kernel context. Tests put a double in its place, to play what a real kernel will not do on
/// demand.
///
/// Results are counts or -errno, as the system calls give them. `prepare` comes first, and again until it has succeeded;
/// after that `submit` and `cancel` come from any thread, the two forms of `reap` from one at a time, nothing after
/// `destroy`.
package protocol KernelInterface: AnyObject, Sendable {
    /// Makes the kernel context: io_setup(2).
    func prepare() throws(KernelError)
    /// Submits blocks: io_submit(2).
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int
    /// Reaps what the ring holds now, without a system call where user space can read the ring.
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Int
    /// Whether the ring holds something now; false where user space cannot look.
    var hasEvents: Bool { get }
    /// Reaps at least one event: io_getevents(2). A negative timeout waits for ever.
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Int
    /// Cancels a submitted block: io_cancel(2).
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32
    /// Destroys the context: io_destroy(2). Waits for what is in flight.
    func destroy()
}

extension KernelInterface {
    package func prepare() throws(KernelError) {}
    package var hasEvents: Bool { false }
}

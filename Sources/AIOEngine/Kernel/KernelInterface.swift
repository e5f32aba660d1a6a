package import AIOKernel
package import CAIOShims

/// The engine's view of a kernel context. Three stand behind it: the kernel (``LiveKernel``), blocking threads where the
/// kernel refuses (``ThreadKernel``), and doubles in tests, to play what a real kernel will not do on demand.
///
/// Results are counts or -errno, as the system calls give them. `prepare` is called until it has succeeded, `submit` and
/// `cancel` only after that, from any thread. The two forms of `reap` are for one thread at a time. They, `eventCount` and
/// `wake` may come before `prepare`. Nothing but `wake` comes after `destroy`.
package protocol KernelInterface: AnyObject, Sendable {
    /// Makes the kernel context, for this many operations in flight: io_setup(2).
    func prepare(queueDepth: Int) throws(KernelError)
    /// Lets the thread that reaps use what `prepare` made: once no `withdraw` can follow any more.
    func activate()
    /// Undoes `prepare`, which may come again.
    func withdraw()
    /// Submits blocks: io_submit(2).
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int
    /// Reaps what the ring holds now, without a system call where user space can read the ring.
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping
    /// How many events the ring holds now; 0 where user space cannot look.
    var eventCount: Int { get }
    /// Reaps at least one event, or sleeps until ``wake()`` or for as long as the timeout says: io_getevents(2). A negative
    /// timeout waits for ever.
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping
    /// Ends the current sleep in `reap`, or else the next one. From any thread.
    func wake()
    /// Cancels a submitted block: io_cancel(2).
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32
    /// Destroys the context, if it was made: io_destroy(2). Waits for what is in flight.
    func destroy()
}

extension KernelInterface {
    package func prepare(queueDepth: Int) throws(KernelError) {}
    package func activate() {}
    package func withdraw() {}
    package var eventCount: Int { 0 }
}

/// The result of `reap`.
package struct Reaping: Equatable, Sendable {
    /// How many events there are, or -errno.
    package var count: Int
    /// Whether a ``KernelInterface/wake()`` was seen.
    package var wasWoken: Bool

    package init(_ count: Int, wasWoken: Bool = false) {
        self.count = count
        self.wasWoken = wasWoken
    }
}

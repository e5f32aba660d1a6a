/// Which way an operation takes to the kernel.
package enum Route: UInt8, Sendable {
    /// io_submit as it is: it does not block, or its caller asked for NOWAIT.
    case kernel
    /// io_submit with RWF_NOWAIT; what the kernel then refuses goes to the blocking pool. For operations that the
    /// kernel may run inside io_submit.
    case kernelUnlessBlocking
    /// io_submit on a blocking thread: this file takes no NOWAIT.
    case blockingSubmit
    /// The system call on a blocking thread: buffered I/O would run inside io_submit anyway.
    case blockingCall
    /// The same as pooled work, for a read that the kernel has begun already (a refused NOWAIT read starts the device):
    /// the call mostly waits, and a few threads can do that for many.
    case pooledCall
    /// The ``BlockingWork`` in `memory`, on a blocking thread.
    case blockingWork

    /// The route where blocking threads take the kernel's place.
    var onThreads: Route {
        switch self {
        case .kernelUnlessBlocking, .blockingSubmit: .kernel
        case .kernel, .blockingCall, .pooledCall, .blockingWork: self
        }
    }

    var queue: OperationLedger.Queue {
        switch self {
        case .kernel, .kernelUnlessBlocking: .kernel
        case .blockingSubmit: .permit
        case .blockingCall, .pooledCall, .blockingWork: .blocking
        }
    }
}

package import AIOEngine
package import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Synchronization
internal import SystemPackage

/// Serves the process's POSIX requests: one engine, the order among the requests, and the words that their outcomes are
/// written to.
///
/// A request is submitted (to the service), started (in the engine), completed, and its owner is notified. This lock is
/// the only one held at a time: the engine is called with it released, because the engine calls back.
///
/// - `Request/`: what Swift callers see. `POSIXRequest` and the calls on it, its `RequestBuffer`, `RequestStatus`,
///   `RequestNotification` (`+C`: as a sigevent), `RequestError`, and `CancellationOutcome`.
/// - `Ledger/`: the order among requests, as a pure value. `RequestLedger` with the `Queue` of a descriptor and the
///   `Line` of each direction; `RequestID`.
/// - `Service/`: requests on the engine.
///   - `RequestService`: the entry points and the effects. `+Submission`, `+Completion`, `+Cancellation`.
///   - `RequestServiceCore`: what its lock guards, with the transitions, in files of the same concerns.
///   - `RequestDescription`: a request as it comes in; `RequestGroup`: the list that it came with.
///   - `RequestCell`: what is kept of a request while it is in progress; `+Attempt`: the calls on streams.
///   - `RequestStart`, `CompletedRequest`, `PendingCancellation`, `AttemptWait`: what is left to do after the lock.
///
/// The C side is CPOSIXAIO: layouts, the words that aio_error reads, the futex behind aio_suspend, signals and threads.
package final class RequestService: Sendable {
    let engine: Engine
    let core = ForkSafeMutex(RequestServiceCore())

    package init(_ engine: Engine) { self.engine = engine }

    private static let current = PerProcess<RequestService>()
    private static let configuredThreads = Atomic<Int>(20)
    private static let configuredRequests = Atomic<Int>(256)

    /// Returns this process's service, which the first call makes. A child made by fork(2) gets its own.
    ///
    /// - Throws: where not a single thread can be started.
    package static func shared() throws(KernelError) -> RequestService {
        try current.get { () throws(KernelError) in
            var configuration = Engine.Configuration()
            configuration.name = "posixaio"
            configuration.prepares = true
            configuration.blockingThreads = configuredThreads.load(ordering: .relaxed)
            configuration.queueDepth = configuredRequests.load(ordering: .relaxed)
            // A program that worked with threads works here too, whatever the host and its sandbox allow: with fewer permits
            // where fs.aio-max-nr is nearly used up, and with threads where the kernel refuses.
            configuration.leastQueueDepth = 16
            configuration.fallsBack = true
            return RequestService(try Engine(configuration))
        }
    }

    /// Sets the number of blocking threads, and of requests in the kernel at once, for a service that is not made yet.
    /// Numbers out of range are brought into it; 0 and less change nothing.
    package static func configure(threads: Int, requests: Int) {
        if threads > 0 { configuredThreads.store(min(threads, 1024), ordering: .relaxed) }
        if requests > 0 { configuredRequests.store(min(max(requests, 16), 4096), ordering: .relaxed) }
    }
}

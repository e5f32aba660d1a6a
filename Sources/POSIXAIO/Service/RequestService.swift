package import AIOEngine
package import AIOKernel
internal import CPOSIXAIO
internal import ForkSafeMutex
internal import Synchronization
internal import SystemPackage

/// The process's requests: one engine, the order among them, and where their ends are written.
///
/// Locks are taken in one order: this one, then none. The engine is called with it released, as the engine
/// calls back.
package final class RequestService: Sendable {
    let engine: Engine
    let core = ForkSafeMutex(Core())

    /// What the lock guards.
    struct Core: @unchecked Sendable {
        // Sendable by hand: a cell belongs to the one who runs its request, or to who holds the lock.
        var ledger = RequestLedger()
        /// One for each of the ledger's records; never freed, as late completions carry their addresses.
        var cells: ContiguousArray<UnsafeMutablePointer<RequestCell>> = []
        /// How many are cancelling at this moment …
        var cancelling = 0
        /// … and what ended by it.
        var cancelled: Set<RequestID> = []
    }

    package init(_ engine: Engine) { self.engine = engine }

    private static let current = PerProcess<RequestService>()
    private static let wantedThreads = Atomic<Int>(20)
    private static let wantedRequests = Atomic<Int>(256)

    /// This process's own, made on first use. A child made by fork(2) gets its own.
    ///
    /// - Throws: what io_setup(2) says when not even a small context can be had.
    package static func shared() throws(KernelError) -> RequestService {
        try current.get { () throws(KernelError) in
            var configuration = Engine.Configuration()
            configuration.name = "posixaio"
            configuration.prepares = true
            configuration.blockingThreads = wantedThreads.load(ordering: .relaxed)
            configuration.queueDepth = wantedRequests.load(ordering: .relaxed)
            while true {
                do throws(KernelError) {
                    return RequestService(try Engine(configuration))
                } catch {
                    // The host's budget is short: less of it serves as well, only slower.
                    guard error.errno == .resourceTemporarilyUnavailable, configuration.queueDepth > 16 else {
                        throw error
                    }
                    configuration.queueDepth /= 4
                }
            }
        }
    }

    /// For the service that is yet to be made: how many threads for what would block, and how many requests in
    /// the kernel at once. Out of range is brought into it; 0 and less is left as it was.
    package static func configure(threads: Int, requests: Int) {
        if threads > 0 { wantedThreads.store(min(threads, 1024), ordering: .relaxed) }
        if requests > 0 { wantedRequests.store(min(max(requests, 16), 4096), ordering: .relaxed) }
    }
}

package import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
package import Synchronization

/// Takes operations to the kernel and brings back what became of them: one kernel context, one loop thread,
/// a few lane threads.
///
/// An operation enters by ``start(_:)`` and leaves by its ``Completion``, exactly once. The engine knows
/// nothing of tasks; it ends itself on ``close(cancelling:)``, and every operation in flight keeps it alive.
package final class Engine: @unchecked Sendable {
    // Sendable by hand for `batch` alone: who may touch it is settled under the lock (`isSubmitting`).
    package struct Configuration: Sendable {
        /// Operations in the kernel at once.
        package var queueDepth = 256
        /// Operations that may wait for a place; nil: any number.
        package var maximumPending: Int?
        /// Threads for what would block inside io_submit.
        package var laneThreads = 16
        /// How long to look at the ring before sleeping.
        package var pollingNanoseconds: UInt64 = 0
        /// The threads' name.
        package var name = "aio"
        /// Asks whether a ``Waiter`` still wants its operation.
        package var isCancelled: Waiter.IsCancelled?

        package init() {}
    }

    package let configuration: Configuration
    let kernel: any KernelInterface
    /// Gone once the engine has ended.
    let wake: ForkSafeMutex<WakeEvent?>
    let lane: LaneThreads
    let client: (any LoopClient)?
    let core: ForkSafeMutex<EngineCore>
    let slots: SlotTable
    /// What io_submit is called with: the submitter's alone, of whom there is one at a time.
    let batch: EngineCore.Blocks
    let process = caio_process_mark()
    /// pthread_self() of the loop, once it runs.
    let loopThread = Atomic<UInt>(0)
    let ending = ForkSafeMutex(Ending())
    let isClosed = Atomic<Bool>(false)
    /// The ledger's number of waiting operations as of the loop's last turn, for who would rather not lock.
    let pendingCount = Atomic<Int>(0)

    /// Sets the context up and starts the loop.
    ///
    /// - Parameters:
    ///   - client: has work of its own for the loop's thread.
    ///   - kernel: stands in for the real one in tests.
    package init(
        _ configuration: Configuration, client: (any LoopClient)? = nil, kernel: (any KernelInterface)? = nil
    ) throws(KernelError) {
        self.configuration = configuration
        self.client = client
        // One place more than anyone asked for: the poll on the wake-up event has it.
        if let kernel {
            self.kernel = kernel
        } else {
            self.kernel = try LiveKernel(capacity: configuration.queueDepth + 1)
        }
        let wake = try WakeEvent()
        let wakeDescriptor = wake.descriptor
        self.wake = ForkSafeMutex(wake)
        lane = LaneThreads(maximum: configuration.laneThreads, name: configuration.name + "-lane")
        slots = SlotTable()
        batch = .allocate(capacity: Self.batchCapacity)
        core = ForkSafeMutex(EngineCore(configuration, slots: slots))
        try startLoop(EngineLoop(self, wake: wakeDescriptor))
        EngineCensus.created.add(1, ordering: .relaxed)
    }

    deinit {
        slots.deallocate()
        batch.deallocate()
    }

    /// Whether this is the process that made the engine. A forked child has a copy of everything here but the
    /// kernel's context and the threads.
    package var belongsToThisProcess: Bool { caio_process_is(process) }

    /// Whether the caller is on the loop's own thread.
    package var isOnLoopThread: Bool { loopThread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Whether ``close(cancelling:then:)`` was not called yet.
    package var isOpen: Bool { !isClosed.load(ordering: .relaxed) }

    /// Why nothing may be started here any more; nil while it may.
    package var refusal: Outcome? {
        guard belongsToThisProcess else { return .forked }
        return isOpen ? nil : .shutDown
    }

    /// Operations that wait or are under way.
    package var live: Int { core.withLock { $0.ledger.live } }

    /// Makes the loop go round once more, if it sleeps or is about to.
    package func wakeLoop() { wake.withLock { $0?.signal() } }

    /// About how many operations wait for a place.
    package var pendingHint: Int { pendingCount.load(ordering: .relaxed) }

    /// A consistent snapshot.
    package var counters: EngineCounters {
        // The lock may have been held at the moment of the fork: for ever, in the child.
        guard belongsToThisProcess else { return EngineCounters() }
        return core.withLock { $0.snapshot() }
    }

    /// A sentence for what is wrong inside, if anything is; nil in a sound engine. For tests.
    package func violation() -> String? { core.withLock { $0.ledger.violation() } }
}

/// Has work for the loop's thread: an executor.
package protocol LoopClient: AnyObject, Sendable {
    /// Runs what is ready, for a while. True: there is more.
    func runReady() -> Bool
    /// The loop is about to sleep: from here on, whoever brings work has to call ``Engine/wakeLoop()``. False:
    /// there is work already.
    func prepareToSleep() -> Bool
    /// The loop is awake.
    func didWake()
    /// The loop has ended: work goes elsewhere from now on, and what is here is not lost.
    func loopEnded()
}

/// Engines of this process, ever.
package enum EngineCensus {
    package static let created = Atomic<Int>(0)
    package static let destroyed = Atomic<Int>(0)
}

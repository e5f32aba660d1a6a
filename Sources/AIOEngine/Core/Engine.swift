package import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Takes operations to the kernel and completes them: one kernel context, one loop thread, a pool of blocking threads.
///
/// An operation enters by ``start(_:for:then:)`` and leaves by its ``Completion``, exactly once. The engine knows nothing
/// of tasks. It ends after ``close(cancelling:then:)``, and every operation in flight keeps it alive.
///
/// - `Core/`: the engine. `Engine+….swift` are the entry points and the effects, `EngineCore+….swift` what its lock
///   guards: admission, submission, completion, cancellation, inspection, and the actions that follow.
/// - `Operation/`: an operation (`Operation`, `Route`, `OperationID`), its `Waiter`, `Completion` and `Outcome`, the
///   `DescriptorLease` of its file, and what an inspection sees of it.
/// - `Ledger/`: where each operation stands, as a pure value; the slots with what the kernel needs; lists and sets of
///   indices.
/// - `Loop/`: the thread of the kernel context (`EngineLoop`), the executor's side of it (`LoopClient`), and when it
///   submits (`BatchingPolicy`).
/// - `Blocking/`: threads for what would block, as a pure state machine and its effects; the calls they make; the
///   process's `Housekeeping`.
/// - `Kernel/`: `KernelInterface`, and the real kernel behind it.
/// - `Counters/`: statistics, latencies, live counts.
package final class Engine: @unchecked Sendable {
    // Unchecked for `batch` alone, which belongs to the submitter (`EngineCore.isSubmitting`).
    package struct Configuration: Sendable {
        /// Permits: how many operations are in flight at once.
        package var queueDepth = 256
        /// How many operations may be pending; nil: any number.
        package var maximumPending: Int?
        /// How many threads the blocking pool may have.
        package var blockingThreads = 16
        /// Whether the kernel context is made by `init`; otherwise by the first operation that needs it.
        package var prepares = false
        /// How long the loop looks at the ring before it sleeps.
        package var pollingNanoseconds: UInt64 = 0
        /// The threads' name.
        package var name = "aio"
        /// Says whether a ``Waiter`` was cancelled.
        package var isCancelled: Waiter.IsCancelled?

        package init() {}
    }

    package let configuration: Configuration
    let kernel: any KernelInterface
    /// Whether the kernel context was made. Set after it, with release; nothing is submitted before.
    let hasKernel = Atomic<Bool>(false)
    /// The kernel context's life; the lock is held while the context is made or destroyed.
    let kernelStage = ForkSafeMutex(KernelStage.initial)
    /// nil once the engine has ended.
    let wake: ForkSafeMutex<WakeEvent?>
    let wakeDescriptor: FileDescriptor
    /// The poll on the wake-up event.
    let wakeBlock: UnsafeMutablePointer<ControlBlock>
    let blockingPool: BlockingPool
    let client: (any LoopClient)?
    let core: ForkSafeMutex<EngineCore>
    let slots: SlotTable
    /// The blocks of the next io_submit: the submitter's alone, of which there is one at a time.
    let batch: EngineCore.Blocks
    let process = caio_process_mark()
    /// pthread_self() of the loop, once it runs.
    let loopThread = Atomic<UInt>(0)
    let ending = ForkSafeMutex(Ending())
    let isClosed = Atomic<Bool>(false)
    /// The ledger's number of pending operations at the loop's last iteration, to be read without the lock.
    let pendingCount = Atomic<Int>(0)

    /// Starts the loop, and sets up the kernel context if the configuration says so.
    ///
    /// - Parameters:
    ///   - client: has jobs for the loop's thread.
    ///   - kernel: nil for the real one.
    package init(
        _ configuration: Configuration, client: (any LoopClient)? = nil, kernel: (any KernelInterface)? = nil
    ) throws(KernelError) {
        self.configuration = configuration
        self.client = client
        // One more than the permits: for the poll on the wake-up event.
        self.kernel = kernel ?? LiveKernel(capacity: configuration.queueDepth + 1)
        let wake = try WakeEvent()
        wakeDescriptor = wake.descriptor
        wakeBlock = .allocate(capacity: 1)
        wakeBlock.initialize(to: .poll(wakeDescriptor, for: UInt32(POLLIN), data: OperationID.wake.tag))
        self.wake = ForkSafeMutex(wake)
        blockingPool = BlockingPool(maximum: configuration.blockingThreads, name: configuration.name + "-block")
        slots = SlotTable()
        batch = .allocate(capacity: Self.batchCapacity)
        core = ForkSafeMutex(EngineCore(configuration, slots: slots))
        if configuration.prepares { try prepareKernel() }
        try startLoop(EngineLoop(self))
        LiveCounts.contextsCreated.add(1, ordering: .relaxed)
    }

    deinit {
        slots.deallocate()
        batch.deallocate()
        wakeBlock.deallocate()
    }

    /// Whether this is the process that made the engine. A forked child has a copy of everything here but the kernel
    /// context and the threads.
    package var belongsToThisProcess: Bool { caio_process_is(process) }

    /// Whether the caller is on the loop's own thread.
    package var isOnLoopThread: Bool { loopThread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Whether ``close(cancelling:then:)`` has yet to be called.
    package var isOpen: Bool { !isClosed.load(ordering: .relaxed) }

    /// Why the engine admits nothing any more; nil while it does.
    package var refusal: Outcome? {
        guard belongsToThisProcess else { return .forked }
        return isOpen ? nil : .shutDown
    }

    /// Operations that are pending or in flight.
    package var live: Int { core.withLock { $0.ledger.live } }

    /// About how many operations are pending.
    package var pendingHint: Int { pendingCount.load(ordering: .relaxed) }

    /// A consistent snapshot.
    package var counters: EngineCounters {
        // The lock may have been held at the moment of the fork: for ever, in the child.
        guard belongsToThisProcess else { return EngineCounters() }
        return core.withLock { $0.snapshot() }
    }

    /// Returns a sentence for what is wrong inside; nil in a sound engine. For tests.
    package func violation() -> String? { core.withLock { $0.ledger.violation() } }
}

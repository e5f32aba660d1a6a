package import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Takes operations to the kernel and completes them: one or more loops, and a pool of blocking threads that they share.
///
/// An operation enters by ``start(_:for:then:)`` and leaves by its ``Completion``, exactly once. The engine knows nothing
/// of tasks. It ends after ``close(cancelling:then:)``, and every operation in flight keeps it alive.
///
/// - `Core/`: the engine as a whole: which loop an operation goes to, preparing the kernel contexts, the end, inspection.
/// - `Loop/`: one loop (`EngineLoop`) with its kernel context, and its thread (`LoopThread`). `LoopCore+….swift` are what
///   its lock guards: admission, submission, completion, cancellation, inspection, and the actions that follow.
///   `LoopClient` is the executor's side of it, `BatchingPolicy` says when it submits, `LoopActivity` who stands in for a
///   loop that is caught in a job.
/// - `Operation/`: an operation (`Operation`, `Route`, `OperationID`), its `Waiter`, `Completion` and `Outcome`, the
///   `DescriptorLease` of its file, and what an inspection sees of it.
/// - `Ledger/`: where each operation stands, as a pure value; the slots with what the kernel needs; lists and sets of
///   indices.
/// - `Blocking/`: threads for what would block, as a pure state machine and its effects; the process's `Housekeeping`.
/// - `Kernel/`: `KernelInterface`, the real kernel behind it, and the threads that take its place where it refuses.
/// - `Host/`: the clock, the threads and the blocking calls, each behind a protocol.
/// - `Counters/`: statistics, latencies, live counts.
package final class Engine: Sendable {
    package struct Configuration: Sendable {
        /// Permits: how many operations are in flight at once, for each loop.
        package var queueDepth = 256
        /// How many loops there are.
        package var loops = 1
        /// Whether each loop's thread stays on one processor.
        package var pinsLoops = false
        /// How many operations may be pending, over all loops; nil: any number.
        package var maximumPending: Int?
        /// How many threads the blocking pool may have.
        package var blockingThreads = 16
        /// Whether the kernel contexts are made by `init`; otherwise by the first operation that needs one.
        package var prepares = false
        /// Whether blocking threads take the kernel's place where it refuses.
        package var fallsBack = Self.fallsBackByDefault
        /// How few permits will do where the host has no room for more: they are halved down to this number. nil: no
        /// fewer.
        package var leastQueueDepth: Int?
        /// How long a loop looks at the ring before it sleeps.
        package var pollingNanoseconds: UInt64 = 0
        /// The threads' name.
        package var name = "aio"
        /// Says whether a ``Waiter`` was cancelled.
        package var isCancelled: Waiter.IsCancelled?

        package init() {}

        /// What `fallsBack` is in a new configuration. For tests, all of which can be run on threads so.
        package static var fallsBackByDefault: Bool {
            get { fallback.load(ordering: .relaxed) }
            set { fallback.store(newValue, ordering: .relaxed) }
        }
        private static let fallback = Atomic<Bool>(false)
    }

    package let configuration: Configuration
    let host: Host
    let clock: any EngineClock
    let loops: [EngineLoop]
    /// The first loop, and whether it is the only one: apart, as most engines have one, whose operations pay for no choice.
    let firstLoop: EngineLoop
    let hasSeveralLoops: Bool
    let blockingPool: BlockingPool
    let process = caio_process_mark()
    /// Whether the kernel contexts were made. Set after them, with release; nothing is submitted before.
    let hasKernel = Atomic<Bool>(false)
    /// The life of the kernel contexts; the lock is held while they are made or destroyed.
    let kernelStage = ForkSafeMutex(KernelStage())
    let ending: ForkSafeMutex<Ending>
    let isClosed = Atomic<Bool>(false)
    /// When the blocking pool was looked at last.
    let lastPoolScan = Atomic<UInt64>(0)
    let watch = LoopWatch()

    /// Starts the loops, and sets up the kernel contexts if the configuration says so.
    ///
    /// - Parameters:
    ///   - clients: have jobs for the loops' threads, one for each; none: there are no jobs.
    ///   - kernels: one for each loop; nil for the real one.
    package init(
        _ configuration: Configuration, clients: [any LoopClient] = [], kernels: [any KernelInterface]? = nil,
        host: Host = .live
    ) throws(KernelError) {
        self.configuration = configuration
        self.host = host
        clock = host.clock
        blockingPool = BlockingPool(
            maximum: configuration.blockingThreads, name: configuration.name + "-block", threads: host.threads)
        let load = configuration.loops > 1 ? SharedLoad() : nil
        var loops: [EngineLoop] = []
        var refusal: KernelError?
        for number in 0..<configuration.loops {
            let kernel: any KernelInterface
            do throws(KernelError) {
                kernel = if let kernels { kernels[number] } else { try LiveKernel() }
            } catch {
                guard configuration.fallsBack else { throw error }
                refusal = error
                kernel = NoKernel()
            }
            loops.append(
                EngineLoop(
                    configuration, number, kernel: kernel, client: clients.isEmpty ? nil : clients[number], load, host))
        }
        self.loops = loops
        firstLoop = loops[0]
        hasSeveralLoops = loops.count > 1
        ending = ForkSafeMutex(Ending(runningLoops: loops.count))
        for loop in loops { loop.engine = self }
        if let refusal {
            fallBack(refusal)
        } else if configuration.prepares {
            try prepareKernel()
        }
        LiveCounts.contextsCreated.add(1, ordering: .relaxed)
        try startLoops()
    }

    /// Whether this is the process that made the engine. A forked child has a copy of everything here but the kernel
    /// contexts and the threads.
    package var belongsToThisProcess: Bool { caio_process_is(process) }

    /// Whether ``close(cancelling:then:)`` has yet to be called.
    package var isOpen: Bool { !isClosed.load(ordering: .relaxed) }

    /// Why the engine admits nothing any more; nil while it does.
    package var refusal: Outcome? {
        guard belongsToThisProcess else { return .forked }
        return isOpen ? nil : .shutDown
    }

    /// Has a loop make one more iteration, if it sleeps or is about to.
    package func wakeLoop(_ number: Int) { loops[number].wake() }
}

internal import AIOEngine
internal import AIOKernel
internal import CAIOShims

extension AIOContext {
    /// The settings of a context.
    public struct Configuration: Sendable {
        /// The number of permits of each loop, that is of operations in flight at once: 1 … 4,194,303. This number and one
        /// more count against `fs.aio-max-nr` for each loop, which is a limit of the whole host.
        ///
        /// A depth beyond what the device can work on in parallel only adds latency. Further operations queue, without
        /// limit unless ``maximumPending`` is set; beyond it they throw.
        public var queueDepth: Int = 256
        /// The number of event loops, each with a kernel context and a thread: 1 … 1,024. One serves some hundred thousand
        /// operations a second; more are for tasks that compute on the ``AIOContext/executor``, and for more operations
        /// than one processor can submit. See ``availableProcessors``.
        public var loops: Int = 1
        /// Whether each loop's thread stays on one of the processors that the process may use, loop n on the n-th:
        /// sched_setaffinity(2).
        public var pinsLoops: Bool = false
        /// How many operations may be pending over all loops, that is wait for a permit or a blocking thread; 0 and up. One
        /// more throws ``AIOError/Code/overloaded``. nil: any number.
        public var maximumPending: Int?
        /// How many blocking threads the context may have: 1 … 1,024. They do what would block inside io_submit(2):
        /// buffered I/O that is not in the page cache, opening, resizing. They are started when needed, and kept until
        /// the context ends.
        public var blockingThreads: Int = 16
        /// Whether the kernel contexts are made with the context: io_setup(2). Otherwise the first operation that needs one
        /// makes them, and throws what kept them from being made; a process that only reads from the page cache never does.
        public var prepares: Bool = false
        /// How long the loop looks for completions before it sleeps, 0 and up. That time is CPU time of one core; it
        /// saves a wake-up when the device completes operations within it.
        public var polling: Duration = .zero
        /// Whether reads and writes carry the priority of their task to the device's scheduler, in the best-effort
        /// class: high as level 2, medium 4, low 6, background 7 (ioprio_set(2); `IOCB_FLAG_IOPRIO`). It has an effect
        /// with schedulers that use it (mq-deadline, bfq), and on operations that are submitted as an iocb: direct I/O.
        public var mapsTaskPriority: Bool = false
        /// Which failures are retried automatically: see ``AIORetryPolicy``. nil: none.
        public var retry: AIORetryPolicy?
        /// The threads' name (of which 15 bytes are kept), and the context's label in metrics.
        public var name: String = "aio"

        /// How few permits will do where `fs.aio-max-nr` leaves no room for more; nil: no fewer.
        var leastQueueDepth: Int?
        /// What to do where the kernel refuses.
        public var fallback: Fallback = .none

        /// What a context does where the kernel refuses it: by a sandbox, for want of events (`fs.aio-max-nr`),
        /// descriptors or memory.
        public enum Fallback: Sendable, Hashable {
            /// The operations throw.
            case none
            /// The same operations on blocking threads, ``blockingThreads`` at a time: pread(2) and its like, and epoll(7)
            /// for readiness. The context changes over with the first operation that needs the kernel, for good;
            /// ``AIOContext/backend`` says why.
            case threads
        }

        /// Makes a configuration with the defaults for all else.
        public init(queueDepth: Int = 256, loops: Int = 1, name: String = "aio") {
            self.queueDepth = queueDepth
            self.loops = loops
            self.name = name
        }

        /// The permits of all loops together.
        package var permits: Int { queueDepth.multipliedReportingOverflow(by: loops).partialValue }

        /// How many processors this process may run on: sched_getaffinity(2).
        public static var availableProcessors: Int { Int(caio_available_cores()) }
    }
}

extension AIOContext.Configuration {
    /// Throws for a value outside of its limits.
    func check() throws(AIOError) {
        func invalid(_ advice: String) -> AIOError {
            AIOError(.invalidArgument, operation: "making a context", advice: advice)
        }
        // The context itself uses one of the kernel's events, for the poll on its wake-up event.
        let most = KernelContext.maximumCapacity - 1
        guard queueDepth >= 1, queueDepth <= most else {
            throw invalid("queueDepth is \(queueDepth); it must be between 1 and \(most)")
        }
        guard loops >= 1, loops <= 1024 else {
            throw invalid("loops is \(loops); it must be between 1 and 1024")
        }
        guard maximumPending.map({ $0 >= 0 }) ?? true else {
            throw invalid("maximumPending is \(maximumPending ?? 0); it cannot be negative")
        }
        guard blockingThreads >= 1, blockingThreads <= 1024 else {
            throw invalid("blockingThreads is \(blockingThreads); it must be between 1 and 1024")
        }
        if let retry {
            guard retry.maximumAttempts >= 1 else {
                throw invalid("retry.maximumAttempts is \(retry.maximumAttempts); it must be 1 or more")
            }
            guard retry.delay >= .zero else { throw invalid("retry.delay is \(retry.delay); it cannot be negative") }
        }
        guard polling >= .zero else { throw invalid("polling is \(polling); it cannot be negative") }
    }

    var engine: Engine.Configuration {
        var engine = Engine.Configuration()
        engine.queueDepth = queueDepth
        engine.loops = loops
        engine.pinsLoops = pinsLoops
        engine.leastQueueDepth = leastQueueDepth
        if fallback == .threads { engine.fallsBack = true }
        engine.maximumPending = maximumPending
        engine.blockingThreads = blockingThreads
        engine.pollingNanoseconds = UInt64(polling.clampedNanoseconds)
        engine.name = name
        engine.prepares = prepares
        engine.isCancelled = Waiter.taskIsCancelled
        return engine
    }
}

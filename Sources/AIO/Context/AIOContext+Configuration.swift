internal import AIOEngine
internal import AIOKernel

extension AIOContext {
    /// The settings of a context.
    public struct Configuration: Sendable {
        /// The number of permits, that is of operations in flight at once: 1 … 4,194,303. This number and one more
        /// count against `fs.aio-max-nr`, which is a limit of the whole host.
        ///
        /// A depth beyond what the device can work on in parallel only adds latency. Further operations queue, without
        /// limit unless ``maximumPending`` is set; beyond it they throw.
        public var queueDepth: Int = 256
        /// How many operations may be pending, that is wait for a permit or a blocking thread; 0 and up. One more
        /// throws ``AIOError/Code/overloaded``. nil: any number.
        public var maximumPending: Int?
        /// How many blocking threads the context may have: 1 … 1,024. They do what would block inside io_submit(2):
        /// buffered I/O that is not in the page cache, opening, resizing. They are started when needed, and kept until
        /// the context ends.
        public var blockingThreads: Int = 16
        /// Whether the kernel context is made with the context: io_setup(2). Otherwise the first operation that needs one
        /// makes it, and throws what kept it from being made; a process that only reads from the page cache never does.
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

        /// Makes a configuration with the defaults.
        public init() {}
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
        engine.maximumPending = maximumPending
        engine.blockingThreads = blockingThreads
        engine.pollingNanoseconds = UInt64(polling.clampedNanoseconds)
        engine.name = name
        engine.prepares = prepares
        engine.isCancelled = Waiter.taskIsCancelled
        return engine
    }
}

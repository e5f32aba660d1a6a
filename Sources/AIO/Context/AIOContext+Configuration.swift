internal import AIOEngine
internal import AIOKernel

extension AIOContext {
    /// How a context is made.
    public struct Configuration: Sendable {
        /// Operations in the kernel at once: 1 … 4,194,303. It and one more count against `fs.aio-max-nr`, for the
        /// whole host.
        public var queueDepth: Int = 256
        /// Operations that may wait for a place in the queue; one more throws ``AIOError/Code/overloaded``.
        /// nil: any number.
        public var maximumPending: Int?
        /// Threads, at most, for what would block inside io_submit(2): buffered I/O that the page cache cannot
        /// answer, opening, resizing. 1 … 1,024. Started when needed, kept until the context ends.
        public var blockingThreads: Int = 16
        /// Whether the kernel context is made with the context: io_setup(2). Otherwise the first operation that needs one
        /// makes it, and throws what kept it from being made; a process that only reads from the page cache never does.
        public var prepares: Bool = false
        /// How long to look for completions before sleeping, 0 and up. Costs that much CPU on one core; saves a wake-up
        /// where the device answers faster.
        public var polling: Duration = .zero
        /// Whether reads and writes carry the priority of their task to the device's scheduler: high best-effort
        /// 2, medium 4, low 6, background 7 (ioprio_set(2); `IOCB_FLAG_IOPRIO`). It is for schedulers that look
        /// at it (mq-deadline, bfq), and for what goes to the kernel as an iocb: direct I/O, that is.
        public var mapsTaskPriority: Bool = false
        /// What is tried again by itself: see ``AIORetryPolicy``. nil: nothing is.
        public var retry: AIORetryPolicy?
        /// The threads' name (15 bytes are kept), and the label in metrics.
        public var name: String = "aio"

        /// The defaults.
        public init() {}
    }
}

extension AIOContext.Configuration {
    func check() throws(AIOError) {
        func invalid(_ advice: String) -> AIOError {
            AIOError(.invalidArgument, operation: "making a context", advice: advice)
        }
        // One place of the kernel's is the context's own.
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
        engine.isCancelled = taskIsCancelled
        return engine
    }
}

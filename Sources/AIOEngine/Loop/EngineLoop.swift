internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization

/// One loop of an engine: a kernel context, the thread that reaps from it, and the operations on their way through it.
///
/// - `EngineLoop+Start.swift`: operations come in.
/// - `EngineLoop+Submission.swift`: io_submit, by whoever has the submitter's role.
/// - `EngineLoop+Completion.swift`: events, by the loop's thread or by one that stands in for it.
/// - `EngineLoop+Blocking.swift`: an operation on a blocking thread.
/// - `EngineLoop+Cancellation.swift`: cancellations and scans.
/// - `EngineLoop+Inspection.swift`: what is under way.
package final class EngineLoop: @unchecked Sendable {
    // Unchecked for `batch`, which belongs to the submitter (`LoopCore.isSubmitting`), and for `link`.

    /// Its place among the engine's loops.
    package let number: UInt16
    let configuration: Engine.Configuration
    let client: (any LoopClient)?
    let core: ForkSafeMutex<LoopCore>
    let slots: SlotTable
    /// The blocks of the next io_submit: the submitter's alone, of which there is one at a time.
    let batch: LoopCore.Blocks
    let activity = LoopActivity()
    let clock: any EngineClock
    let calls: any BlockingCalls
    /// The kernel that the engine was made with. The loop sleeps in it until operations go to a kernel.
    let primary: any KernelInterface
    /// The ledger's number of pending operations at the loop's last iteration, to be read without the lock.
    let pendingCount = Atomic<Int>(0)
    /// As ``Engine/hasKernel``, and set just before it.
    let hasKernel = Atomic<Bool>(false)
    /// Held by a thread that reaps while the loop's own is in a job.
    let ringLock = ForkSafeMutex<Void>(())

    /// What is set after `init`, before another thread knows of it. Behind a pointer, as the property of a class would be
    /// checked for exclusive access each time.
    private let link: UnsafeMutablePointer<Link>
    private struct Link {
        unowned(unsafe) var engine: Engine?
        /// Whose loop it is, to be compared without counting references.
        var owner: UnsafeMutableRawPointer?
        var replacement: (any KernelInterface)?
        var isReplaced = false
    }

    init(
        _ configuration: Engine.Configuration, _ number: Int, kernel: any KernelInterface, client: (any LoopClient)?,
        _ load: SharedLoad?, _ host: Host
    ) {
        self.number = UInt16(number)
        self.configuration = configuration
        self.client = client
        clock = host.clock
        calls = host.calls
        primary = kernel
        slots = SlotTable()
        batch = .allocate(capacity: Self.batchCapacity)
        link = .allocate(capacity: 1)
        link.initialize(to: Link())
        let published = load.map { PublishedLoad(shared: $0, countsPending: configuration.maximumPending != nil) }
        core = ForkSafeMutex(LoopCore(configuration, loop: UInt16(number), slots: slots, load: published))
    }

    deinit {
        link.deinitialize(count: 1)
        link.deallocate()
        slots.deallocate()
        batch.deallocate()
    }

    /// The loops' owner, which outlives them.
    package internal(set) var engine: Engine {
        get { link.pointee.engine.unsafelyUnwrapped }
        set {
            link.pointee.engine = newValue
            link.pointee.owner = Unmanaged.passUnretained(newValue).toOpaque()
        }
    }

    /// What operations go to. To be read only once ``hasKernel`` was seen, with acquire.
    var kernel: any KernelInterface { link.pointee.replacement ?? primary }

    /// Calls io_submit, or what takes its place. Written out, as the kernel's references would be counted otherwise.
    @inline(__always)
    func submitToKernel(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        link.pointee.isReplaced ? kernel.submit(blocks) : primary.submit(blocks)
    }

    /// Has operations go to another kernel, before ``hasKernel`` is set.
    func replaceKernel(by kernel: any KernelInterface) {
        // Under the lock: a cancellation looks at `kernel` with it held, and without a look at `hasKernel`.
        core.withLock { core in
            link.pointee.replacement = kernel
            link.pointee.isReplaced = true
            core.isOnThreads = true
        }
    }

    /// The number of the engine's loop whose thread the caller is on; nil elsewhere.
    static func current(of engine: Engine) -> Int? {
        guard let current = caio_current_loop() else { return nil }
        return Unmanaged<EngineLoop>.fromOpaque(current)._withUnsafeGuaranteedRef { loop in
            loop.link.pointee.owner == Unmanaged.passUnretained(engine).toOpaque() ? Int(loop.number) : nil
        }
    }

    @inline(__always)
    var isOnLoopThread: Bool { caio_current_loop() == Unmanaged.passUnretained(self).toOpaque() }

    /// How many completions wait for the loop's thread, which asks.
    package var waitingCompletions: Int {
        hasKernel.load(ordering: .acquiring) ? kernel.eventCount : 0
    }

    /// Has the loop make one more iteration, if it sleeps or is about to.
    func wake() {
        // Acquire: as for `kernel`. The loop may still sleep in the first kernel: then it is woken there, by the thread
        // that prepares.
        (hasKernel.load(ordering: .acquiring) ? kernel : primary).wake()
    }

    /// Calls `body` with what the lock guards, and lets the other loops know of what has changed.
    @inline(__always)
    func withCore<R>(_ body: (inout LoopCore) -> R) -> R {
        core.withLock { core in
            defer { core.publishLoad() }
            return body(&core)
        }
    }
}

extension LoopCore {
    /// Lets the other loops know of what has changed.
    @inline(__always)
    mutating func publishLoad() {
        if load != nil { load?.publish(pending: ledger.pending, pooled: ledger.pooled) }
    }
}

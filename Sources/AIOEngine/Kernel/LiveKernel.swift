internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// The real kernel context.
///
/// A poll on the wake-up event is always in the ring, so that one system call sleeps for completions and for ``wake()``
/// alike. Until the context is made, the sleep is a poll(2) on that event.
///
/// - `LiveKernel.swift`: the calls.
/// - `LiveKernel+Wake.swift`: the wake-up event.
final class LiveKernel: KernelInterface, @unchecked Sendable {
    // A pointer, as a class cannot give up a noncopyable property: `destroy` moves the context out. Unchecked, as the
    // engine submits nothing before `prepare` has succeeded, and makes no call once it destroys.
    private let prepared: UnsafeMutablePointer<Prepared>
    /// Whether the context is there. Belongs to the thread that makes and destroys it.
    private var isMade = false
    /// Whether it is there to stay, for the thread that reaps. Set with release.
    private let isPrepared = Atomic<Bool>(false)

    /// nil once the context was destroyed.
    let wakeEvent: ForkSafeMutex<WakeEvent?>
    let wakeDescriptor: FileDescriptor
    /// The poll on the wake-up event.
    let wakeBlock: UnsafeMutablePointer<ControlBlock>
    /// Whether that poll is in the ring. Belongs to the thread that reaps, and before to the one that prepares.
    var wakeIsArmed = false

    private struct Prepared: ~Copyable {
        let context: KernelContext
        let ring: CompletionRing?
    }

    init() throws(KernelError) {
        prepared = .allocate(capacity: 1)
        wakeBlock = .allocate(capacity: 1)
        do throws(KernelError) {
            let wake = try WakeEvent()
            wakeDescriptor = wake.descriptor
            wakeBlock.initialize(to: .poll(wakeDescriptor, for: UInt32(POLLIN), data: OperationID.wakeTag))
            wakeEvent = ForkSafeMutex(wake)
        } catch {
            prepared.deallocate()
            wakeBlock.deallocate()
            throw error
        }
    }

    deinit {
        destroy()
        prepared.deallocate()
        wakeBlock.deallocate()
    }

    func prepare(queueDepth: Int) throws(KernelError) {
        guard !isMade else { return }
        // One more than the permits: for the poll on the wake-up event.
        let context = try KernelContext(capacity: queueDepth + 1)
        let ring = context.ring
        prepared.initialize(to: Prepared(context: context, ring: ring))
        do throws(KernelError) {
            try checkCalls()
            guard try armWake() else { throw .noRoom }
        } catch {
            // The only error is that there is no such context.
            try? prepared.move().context.destroy()
            throw error
        }
        isMade = true
    }

    func activate() {
        // Release: pairs with the acquiring loads of the thread that reaps.
        if isMade { isPrepared.store(true, ordering: .releasing) }
    }

    /// Makes the calls that come later once, with nothing to reap and nothing to cancel: a sandbox may refuse them though it
    /// allows io_setup(2). Without them operations would never complete.
    private func checkCalls() throws(KernelError) {
        let reaped = withUnsafeTemporaryAllocation(of: CompletionEvent.self, capacity: 1) { memory in
            unsafe prepared.pointee.context.events(
                into: UnsafeMutableBufferPointer(start: memory.baseAddress, count: 0), minimum: 0,
                timeoutNanoseconds: 0)
        }
        guard reaped == 0 || reaped == -Int(EINTR) else {
            throw KernelError(refused: .getEvents, Errno(rawValue: Int32(-reaped)))
        }
        let cancelled = cancel(UnsafeMutableRawPointer(wakeBlock).assumingMemoryBound(to: caio_iocb.self))
        guard cancelled == -EINVAL || cancelled == -EAGAIN else {
            throw KernelError(refused: .cancel, Errno(rawValue: -cancelled))
        }
    }

    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        unsafe prepared.pointee.context.submit(blocks)
    }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        guard isPrepared.load(ordering: .acquiring) else { return Reaping(0) }
        guard let ring = prepared.pointee.ring else { return reap(into: events, minimum: 0, timeoutNanoseconds: 0) }
        return withoutWake(events, ring.reap(into: events))
    }

    var eventCount: Int { isPrepared.load(ordering: .acquiring) ? prepared.pointee.ring?.count ?? 0 : 0 }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        guard isPrepared.load(ordering: .acquiring) else { return sleepUntilWoken(timeoutNanoseconds) }
        var timeout = timeoutNanoseconds
        if !wakeIsArmed, !((try? armWake()) ?? false), timeout < 0 || timeout > 1_000_000 { timeout = 1_000_000 }
        return reap(into: events, minimum: 1, timeoutNanoseconds: timeout)
    }

    private func reap(
        into events: UnsafeMutableBufferPointer<CompletionEvent>, minimum: Int, timeoutNanoseconds: Int64
    ) -> Reaping {
        withoutWake(
            events,
            unsafe prepared.pointee.context.events(
                into: events, minimum: minimum, timeoutNanoseconds: timeoutNanoseconds))
    }

    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { unsafe prepared.pointee.context.cancel(block) }

    func withdraw() {
        isPrepared.store(false, ordering: .releasing)
        if isMade {
            isMade = false
            // The only error is that there is no such context, and then there is nothing to destroy.
            try? prepared.move().context.destroy()
        }
    }

    func destroy() {
        withdraw()
        // Only now: until the context was gone its poll held the descriptor.
        wakeEvent.withLock { $0 = nil }
    }
}

extension KernelError {
    /// The kernel does not know IOCB_CMD_POLL.
    static let needsPoll = KernelError(
        .submit, .invalidArgument, advice: "contexts need IOCB_CMD_POLL: Linux 4.19 or later")
    /// The kernel has no memory for the first operation.
    static let noRoom = KernelError(
        .submit, .noMemory, advice: "the kernel has no room for a single operation; free memory")
}

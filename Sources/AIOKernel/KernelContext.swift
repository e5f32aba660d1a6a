package import CAIOShims
internal import SystemPackage

// The kernel, made safe and still synchronous. The files of this target:
//
// - KernelContext: io_setup(2) to io_destroy(2), with one owner.
// - ControlBlock, ControlBlockTable: operations as the kernel reads them, at addresses that do not move.
// - CompletionRing, CompletionEvent: completions, read in user space.
// - WakeEvent: an eventfd(2) that wakes a thread in io_getevents(2).
// - KernelFeatures: what this kernel's AIO can do, by probing.
// - SystemLimits: the host's budget of AIO events.
// - KernelError: a refused call, and what to do about it.
// - KernelCalls: io_setup(2) and io_destroy(2) without an owner.

/// A kernel AIO context: what io_setup(2) makes and io_destroy(2) ends.
///
/// It has one owner. Copying it, using it after ``destroy()`` and destroying it twice do not compile; a
/// context that goes out of scope is destroyed.
///
/// Submission, cancellation and reaping may run on different threads at once; reaping
/// (``events(minimum:maximum:timeout:)`` and ``ring``) is for one thread at a time.
public struct KernelContext: ~Copyable, Sendable {
    /// The kernel's id: `aio_context_t`.
    public let identifier: UInt64
    /// How many operations may be in flight. The kernel's own ring is larger and takes more; within this number
    /// io_submit(2) never fails with EAGAIN for want of room.
    public let capacity: Int
    /// The completion ring, where user space may read it.
    public let ring: CompletionRing?

    private let process: UInt64

    /// The largest capacity that any kernel takes; `fs.aio-max-nr` is the bound that is met first.
    public static var maximumCapacity: Int { Int(CAIO_MAXIMUM_QUEUE) }

    /// Sets up a context: io_setup(2).
    ///
    /// - Parameter capacity: operations in flight at most, 1 and up; it counts against ``SystemLimits``.
    /// - Throws: `EAGAIN` when the host's budget is used up, `EINVAL` for a capacity that is no capacity,
    ///   `ENOSYS` or `EPERM` where kernel AIO is refused, `ENOMEM`.
    public init(capacity: Int) throws(KernelError) {
        process = caio_process_mark()
        identifier = try unsafe KernelCalls.setup(capacity: capacity)
        self.capacity = capacity
        ring = CompletionRing(of: identifier)
    }

    /// Destroys the context: io_destroy(2). Takes about 30 ms, and longer while operations are in flight: polls
    /// are cancelled, everything else is waited for. Events not reaped by then are lost.
    ///
    /// - Throws: `EINVAL` in a child after fork(2), where there is nothing to destroy: the context is the
    ///   parent's, and stays as it is.
    public consuming func destroy() throws(KernelError) {
        let (identifier, process) = (identifier, process)
        discard self
        // After a fork the id means nothing to the kernel, while the ring is still the parent's.
        guard caio_process_is(process) else { throw .forked(.destroy) }
        try unsafe KernelCalls.destroy(identifier)
    }

    deinit {
        guard caio_process_is(process) else { return }
        _ = caio_destroy(identifier)
    }

    /// Whether this process is the one that set the context up. In a forked child every call would fail with
    /// EINVAL, and reaping would corrupt the parent's ring.
    public var belongsToThisProcess: Bool { caio_process_is(process) }
}

extension KernelContext {
    /// Submits the blocks in `range`: io_submit(2). An empty range submits nothing.
    ///
    /// - Returns: how many were accepted, from the first on. Fewer than given: the next one is refused, and
    ///   submitting from there on throws the reason.
    /// - Throws: why the first one was refused: `EBADF` (bad descriptor or open mode), `EINVAL`,
    ///   `EOPNOTSUPP` (a flag that this file does not take), `EAGAIN` (no room or no memory), `EFAULT`.
    ///   `EINVAL` as well for a range that is not within the table, and in a child after fork(2).
    /// - Important: buffers must stay valid until the completion is in. The call blocks for whatever the
    ///   kernel does inline: buffered I/O, extending writes, an empty pipe.
    @unsafe public borrowing func submit(
        _ table: borrowing ControlBlockTable, _ range: Range<Int>
    ) throws(KernelError) -> Int {
        guard !range.isEmpty else { return 0 }
        guard table.contains(range.lowerBound), table.contains(range.upperBound - 1) else {
            throw KernelError(.submit, .invalidArgument, advice: "blocks \(range) of a table of \(table.count)")
        }
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: range.count) {
            for (position, index) in zip($0.indices, range) {
                // A ControlBlock is a caio_iocb and nothing else.
                $0.initializeElement(
                    at: position,
                    to: UnsafeMutableRawPointer(table.blocks + index).assumingMemoryBound(to: caio_iocb.self)
                )
            }
            return unsafe submit($0)
        }
        guard result >= 0 else { throw error(.submit, result) }
        return result
    }

    /// io_submit(2) as it is: the count accepted, or -errno.
    @unsafe package borrowing func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int
    {
        guard let base = blocks.baseAddress else { return 0 }
        return caio_submit(identifier, blocks.count, base)
    }

    /// Cancels an operation: io_cancel(2).
    ///
    /// - Returns: true when the kernel cancels it (a poll does); its event then comes with result 0. False
    ///   when it does not: reads, writes and fsyncs cannot be cancelled, nor can what has already ended.
    /// - Throws: `EINVAL` for an index that is not in the table, and in a child after fork(2).
    /// - Important: the kernel goes by the block's address. Once the table's block carries another operation,
    ///   that one is what gets cancelled.
    public borrowing func cancel(_ table: borrowing ControlBlockTable, _ index: Int) throws(KernelError) -> Bool {
        guard table.contains(index) else {
            throw KernelError(.cancel, .invalidArgument, advice: "block \(index) of a table of \(table.count)")
        }
        guard belongsToThisProcess else { throw .forked(.cancel) }
        let result = unsafe cancel(
            UnsafeMutableRawPointer(table.blocks + index).assumingMemoryBound(to: caio_iocb.self))
        switch -result {
        case Errno.nowInProgress.rawValue, 0: return true
        case Errno.invalidArgument.rawValue, Errno.resourceTemporarilyUnavailable.rawValue: return false
        default: throw KernelError(.cancel, Errno(rawValue: -result))
        }
    }

    /// io_cancel(2) as it is: -EINPROGRESS for an operation that is being cancelled, else another -errno.
    @unsafe package borrowing func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 {
        caio_cancel(identifier, block)
    }

    /// Waits for completions: io_getevents(2).
    ///
    /// - Parameters:
    ///   - minimum: wait until so many are in (or the time is over); clamped to 0...`maximum`.
    ///   - maximum: reap at most so many; clamped to what the ring holds.
    ///   - timeout: how long to wait, monotonic; nil for ever, zero or less not at all.
    /// - Throws: `EINTR` when a signal interrupts the wait before the first event, `EINVAL` in a child after fork(2).
    public borrowing func events(
        minimum: Int = 1, maximum: Int = 64, timeout: Duration? = nil
    ) throws(KernelError) -> [CompletionEvent] {
        let maximum = min(maximum, mostEvents)
        guard maximum > 0 else { return [] }
        var failure = 0
        let nanoseconds = timeout.map { $0.clampedNanoseconds } ?? -1
        let events = [CompletionEvent](unsafeUninitializedCapacity: maximum) { buffer, count in
            let result = unsafe self.events(
                into: buffer, minimum: min(max(0, minimum), maximum), timeoutNanoseconds: nanoseconds)
            count = max(0, result)
            failure = min(0, result)
        }
        guard failure == 0 else { throw error(.getEvents, failure) }
        return events
    }

    /// What one call may bring at most: memory is set aside for it before the call, so a caller's `.max`
    /// must not be taken at its word. Without a readable ring it is a guess at the kernel's own size.
    private var mostEvents: Int { ring?.capacity ?? 2 * capacity + 1024 }

    /// The error for -errno. EINVAL is also what the kernel says to a context of another process.
    private func error(_ call: KernelError.Call, _ result: Int) -> KernelError {
        belongsToThisProcess ? KernelError(call, Errno(rawValue: Int32(-result))) : .forked(call)
    }

    /// io_getevents(2) as it is: the count, or -errno. A negative timeout waits for ever.
    @unsafe package borrowing func events(
        into buffer: UnsafeMutableBufferPointer<CompletionEvent>, minimum: Int, timeoutNanoseconds: Int64
    ) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        return base.withMemoryRebound(to: caio_event.self, capacity: buffer.count) {
            caio_getevents(identifier, minimum, buffer.count, $0, timeoutNanoseconds)
        }
    }
}

extension Duration {
    /// In nanoseconds, from 0 to what an `Int64` holds.
    package var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? .max : sum
    }
}

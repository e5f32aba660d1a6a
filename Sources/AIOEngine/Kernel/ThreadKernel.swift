internal import AIOKernel
internal import CAIOShims
internal import Glibc
internal import Synchronization

/// Blocking threads in the kernel's place, where it refuses: what would be an iocb in the kernel waits for a thread here,
/// which makes the system call of its kind and completes the operation itself. Polls wait for readiness
/// (``ReadinessWaits``), without a thread; the loop sleeps for them, and reaps their events.
///
/// A block is cancelled as long as no thread has begun it. As io_cancel(2) says of a poll, -EINPROGRESS means that an event
/// comes; its result is -ECANCELED.
final class ThreadKernel: KernelInterface, @unchecked Sendable {
    // Unchecked: everything below `monitor` is touched only with its lock held.
    typealias Block = UnsafeMutablePointer<caio_iocb>

    private let calls: any BlockingCalls
    /// Asks for calls of ``runNext()`` on threads that may block; false where no thread is to be had.
    private let runOnThreads: @Sendable (_ count: Int) -> Bool
    private let postedEvents = Atomic<Int>(0)

    private let monitor: any ThreadMonitor
    /// Blocks that no thread has begun.
    private var queue = FIFO<Block>()
    private var events = FIFO<CompletionEvent>()
    private var waits = ReadinessWaits()
    private var isWoken = false
    private var sleep = Sleep.none

    private enum Sleep {
        case none
        case inMonitor
        case untilReady
    }

    init(_ host: Host, runOnThreads: @escaping @Sendable (_ count: Int) -> Bool) {
        calls = host.calls
        monitor = host.threads.makeMonitor()
        self.runOnThreads = runOnThreads
    }

    /// Whether a thread sleeps in `reap` that nothing has woken yet; for tests, as it may change at any time.
    var isAsleep: Bool {
        monitor.lock()
        defer { monitor.unlock() }
        return sleep != .none
    }

    // MARK: Submission

    func submit(_ blocks: UnsafeMutableBufferPointer<Block>) -> Int {
        var (accepted, queued) = (0, 0)
        monitor.lock()
        for block in blocks {
            if Int(block.pointee.opcode) != CAIO_CMD_POLL {
                queue.append(block)
                queued += 1
            } else if let refusal = addPoll(block) {
                if accepted == 0 { accepted = refusal }
                break
            }
            accepted += 1
        }
        monitor.unlock()
        if queued > 0, !runOnThreads(queued) { runHere(queued) }
        return accepted
    }

    /// Runs blocks on this thread, as no other is to be had: better late than never.
    private func runHere(_ count: Int) {
        for _ in 0..<count {
            guard let event = runNext() else { return }
            monitor.lock()
            append(event)
            monitor.unlock()
        }
    }

    /// - Returns: -errno where the descriptor cannot be waited for.
    private func addPoll(_ block: Block) -> Int? {
        switch waits.add(block) {
        case .waits:
            // A loop that sleeps otherwise does not notice what becomes ready.
            if sleep == .inMonitor || !waits.noticesAdditions { endSleep() }
        case .ready(let found): append(CompletionEvent(of: block, result: found))
        case .refused(let errno): return -Int(errno)
        }
        return nil
    }

    /// Runs one block on a thread that may block.
    ///
    /// - Returns: its event, for the caller to act on; nil where the block was cancelled meanwhile.
    func runNext() -> CompletionEvent? {
        monitor.lock()
        let next = queue.popFirst()
        monitor.unlock()
        return next.map { CompletionEvent(of: $0, result: calls.run($0)) }
    }

    /// Appends an event, and wakes the loop for it. With the lock held.
    private func append(_ event: CompletionEvent) {
        events.append(event)
        postedEvents.store(events.count, ordering: .relaxed)
        endSleep()
    }

    /// Ends the sleep, if there is one. With the lock held.
    private func endSleep() {
        switch sleep {
        case .none: break
        case .inMonitor: monitor.wakeOne()
        case .untilReady: waits.signal()
        }
        sleep = .none
    }

    // MARK: Reaping

    var eventCount: Int { postedEvents.load(ordering: .relaxed) }

    func reap(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        monitor.lock()
        defer { monitor.unlock() }
        if events.isEmpty, !waits.isEmpty { collectReady(waits.prepareToSleep(nanoseconds: 0).sleep()) }
        return take(into: buffer)
    }

    func reap(into buffer: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        monitor.lock()
        defer { monitor.unlock() }
        guard events.isEmpty, !isWoken, timeoutNanoseconds != 0 else { return take(into: buffer) }
        if waits.isEmpty {
            sleep = .inMonitor
            _ = monitor.wait(nanoseconds: timeoutNanoseconds < 0 ? nil : timeoutNanoseconds)
        } else {
            sleep = .untilReady
            let plan = waits.prepareToSleep(nanoseconds: timeoutNanoseconds)
            monitor.unlock()
            let awakening = plan.sleep()
            monitor.lock()
            // Before anything is collected: nobody sleeps any more who would have to be woken for it.
            sleep = .none
            collectReady(awakening)
        }
        sleep = .none
        return take(into: buffer)
    }

    private func collectReady(_ awakening: ReadinessSource.Awakening) {
        for (block, found) in waits.collect(awakening) { append(CompletionEvent(of: block, result: found)) }
    }

    private func take(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        var count = 0
        while count < buffer.count, let event = events.popFirst() {
            buffer[count] = event
            count += 1
        }
        postedEvents.store(events.count, ordering: .relaxed)
        defer { isWoken = false }
        return Reaping(count, wasWoken: isWoken)
    }

    func wake() {
        monitor.lock()
        isWoken = true
        endSleep()
        monitor.unlock()
    }

    // MARK: Cancellation and the end

    func cancel(_ block: Block) -> Int32 {
        monitor.lock()
        defer { monitor.unlock() }
        if Int(block.pointee.opcode) == CAIO_CMD_POLL {
            guard waits.remove(block) else { return -EINVAL }
        } else {
            guard queue.remove(where: { $0 == block }) else { return -EINVAL }
        }
        append(CompletionEvent(of: block, result: -Int(ECANCELED)))
        return -EINPROGRESS
    }

    func destroy() {
        monitor.lock()
        waits.close()
        monitor.unlock()
    }
}

extension CompletionEvent {
    fileprivate init(of block: ThreadKernel.Block, result: Int) {
        self.init()
        raw.data = block.pointee.data
        raw.object = UInt64(UInt(bitPattern: block))
        raw.result = Int64(result)
    }
}

internal import AIOKernel
internal import CAIOShims
internal import Glibc
internal import Synchronization

/// Blocking threads in the kernel's place, where it refuses: what would be an iocb in the kernel waits for a thread here,
/// which makes the system call of its kind. Polls wait for readiness (``ReadinessWaits``), without a thread.
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
        if queued > 0, !runOnThreads(queued) { for _ in 0..<queued { runNext() } }
        return accepted
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
    func runNext() {
        monitor.lock()
        let next = queue.popFirst()
        monitor.unlock()
        guard let next else { return }
        let result = calls.run(next)
        monitor.lock()
        append(CompletionEvent(of: next, result: result))
        monitor.unlock()
    }

    /// Appends an event, and wakes the loop for it. With the lock held.
    private func append(_ event: CompletionEvent) {
        events.append(event)
        postedEvents.store(events.count, ordering: .relaxed)
        endSleep()
    }

    private func endSleep() {
        switch sleep {
        case .none: break
        case .inMonitor: monitor.wakeOne()
        case .untilReady: waits.signal()
        }
    }

    // MARK: Reaping

    var eventCount: Int { postedEvents.load(ordering: .relaxed) }

    func reap(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping {
        monitor.lock()
        defer { monitor.unlock() }
        if events.isEmpty, !waits.isEmpty { collectReady(waits.poll()) }
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
            let ready = plan.sleep()
            monitor.lock()
            collectReady(ready)
        }
        sleep = .none
        return take(into: buffer)
    }

    private func collectReady(_ ready: [Int32]) {
        for (block, found) in waits.collect(ready) { append(CompletionEvent(of: block, result: found)) }
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

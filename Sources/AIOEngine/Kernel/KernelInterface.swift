package import AIOKernel
package import CAIOShims

/// The engine's view of a kernel context: what a test double can stand in for, to play what a real kernel
/// will not do on demand.
///
/// Results are counts or -errno, as the system calls give them. `submit` and `cancel` come from any thread;
/// `take` and `wait` from one at a time; nothing after `destroy`.
package protocol KernelInterface: AnyObject, Sendable {
    /// io_submit(2).
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int
    /// What the ring holds now, without a system call where that can be.
    func take(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Int
    /// Whether the ring holds something now; false where user space cannot look.
    var hasEvents: Bool { get }
    /// io_getevents(2) for at least one event; a negative timeout waits for ever.
    func wait(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Int
    /// io_cancel(2).
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32
    /// io_destroy(2); waits for what is in flight.
    func destroy()
}

extension KernelInterface {
    package var hasEvents: Bool { false }
}

/// The real one.
final class LiveKernel: KernelInterface, @unchecked Sendable {
    // A pointer, as a class cannot give up a noncopyable property: `destroy` moves the context out. Sendable
    // by hand: the engine lets no call in once it destroys.
    private let context: UnsafeMutablePointer<KernelContext>
    private let ring: CompletionRing?
    private var isDestroyed = false

    init(capacity: Int) throws(KernelError) {
        let created = try KernelContext(capacity: capacity)
        ring = created.ring
        context = .allocate(capacity: 1)
        context.initialize(to: created)
    }

    deinit {
        if !isDestroyed { destroy() }
        context.deallocate()
    }

    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        unsafe context.pointee.submit(blocks)
    }

    func take(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Int {
        guard let ring else { return unsafe context.pointee.events(into: events, minimum: 0, timeoutNanoseconds: 0) }
        return ring.take(into: events)
    }

    var hasEvents: Bool { ring.map { $0.count > 0 } ?? false }

    func wait(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Int {
        unsafe context.pointee.events(into: events, minimum: 1, timeoutNanoseconds: timeoutNanoseconds)
    }

    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { unsafe context.pointee.cancel(block) }

    func destroy() {
        isDestroyed = true
        // The only error is that there is no such context, and then there is nothing to destroy.
        try? context.move().destroy()
    }
}

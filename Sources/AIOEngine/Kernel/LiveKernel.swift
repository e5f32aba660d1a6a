internal import AIOKernel
internal import CAIOShims

/// The real kernel context.
final class LiveKernel: KernelInterface, @unchecked Sendable {
    // A pointer, as a class cannot give up a noncopyable property: `destroy` moves the context out. Unchecked, as the
    // engine makes no call once it destroys.
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

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Int {
        guard let ring else { return unsafe context.pointee.events(into: events, minimum: 0, timeoutNanoseconds: 0) }
        return ring.reap(into: events)
    }

    var hasEvents: Bool { ring.map { $0.count > 0 } ?? false }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Int {
        unsafe context.pointee.events(into: events, minimum: 1, timeoutNanoseconds: timeoutNanoseconds)
    }

    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { unsafe context.pointee.cancel(block) }

    func destroy() {
        isDestroyed = true
        // The only error is that there is no such context, and then there is nothing to destroy.
        try? context.move().destroy()
    }
}

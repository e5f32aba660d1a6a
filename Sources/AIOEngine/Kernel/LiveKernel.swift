internal import AIOKernel
internal import CAIOShims

/// The real kernel context.
final class LiveKernel: KernelInterface, @unchecked Sendable {
    // A pointer, as a class cannot give up a noncopyable property: `destroy` moves the context out. Unchecked, as the
    // engine makes no call before `prepare` has succeeded, nor once it destroys.
    private let prepared: UnsafeMutablePointer<Prepared>
    private let capacity: Int
    private var isPrepared = false

    private struct Prepared: ~Copyable {
        let context: KernelContext
        let ring: CompletionRing?
    }

    init(capacity: Int) {
        self.capacity = capacity
        prepared = .allocate(capacity: 1)
    }

    deinit {
        if isPrepared { destroy() }
        prepared.deallocate()
    }

    func prepare() throws(KernelError) {
        guard !isPrepared else { return }
        let context = try KernelContext(capacity: capacity)
        let ring = context.ring
        prepared.initialize(to: Prepared(context: context, ring: ring))
        isPrepared = true
    }

    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        unsafe prepared.pointee.context.submit(blocks)
    }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Int {
        guard let ring = prepared.pointee.ring else { return reap(into: events, minimum: 0, timeoutNanoseconds: 0) }
        return ring.reap(into: events)
    }

    var hasEvents: Bool { prepared.pointee.ring.map { $0.count > 0 } ?? false }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Int {
        reap(into: events, minimum: 1, timeoutNanoseconds: timeoutNanoseconds)
    }

    private func reap(
        into events: UnsafeMutableBufferPointer<CompletionEvent>, minimum: Int, timeoutNanoseconds: Int64
    ) -> Int {
        unsafe prepared.pointee.context.events(
            into: events, minimum: minimum, timeoutNanoseconds: timeoutNanoseconds)
    }

    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { unsafe prepared.pointee.context.cancel(block) }

    func destroy() {
        isPrepared = false
        // The only error is that there is no such context, and then there is nothing to destroy.
        try? prepared.move().context.destroy()
    }
}

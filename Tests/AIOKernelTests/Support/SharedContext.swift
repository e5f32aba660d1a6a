import AIOKernel

/// A context that several threads can hold.
final class SharedContext: Sendable {
    let context: KernelContext
    init(capacity: Int) throws { context = try KernelContext(capacity: capacity) }
}

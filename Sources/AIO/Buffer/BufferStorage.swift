internal import Glibc

/// The memory of buffers. It returns to the pool when neither a buffer nor an operation in the kernel uses it any more.
final class BufferStorage: @unchecked Sendable {
    // Unchecked: the memory. It is written only by the holder of the only reference, or by the kernel for that holder.
    let memory: UnsafeMutableRawBufferPointer
    private let isPooled: Bool

    /// Obtains uninitialized memory for `count` bytes; nil if there is not enough.
    init?(uninitialized count: Int) {
        guard let memory = BufferPool.shared.obtain(count) else { return nil }
        self.memory = memory
        isPooled = true
    }

    /// Allocates memory of an alignment that the pool does not have; nil if there is not enough.
    init?(count: Int, alignment: Int) {
        var address: UnsafeMutableRawPointer?
        guard posix_memalign(&address, alignment, max(count, alignment)) == 0, let address else { return nil }
        memory = UnsafeMutableRawBufferPointer(start: address, count: max(count, alignment))
        isPooled = false
    }

    private init() {
        memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        isPooled = false
    }

    /// The storage of empty buffers.
    static let empty = BufferStorage()

    deinit {
        if isPooled { BufferPool.shared.recycle(memory) } else { free(memory.baseAddress) }
    }
}

internal import Glibc

/// The memory behind buffers: given back to the pool when the last of them, and the kernel, have let go.
final class BufferStorage: @unchecked Sendable {
    // Sendable by hand: written only by who holds the one reference to it, or by the kernel for that holder.
    let memory: UnsafeMutableRawBufferPointer
    private let isPooled: Bool

    /// Memory for `count` bytes with whatever was in it; nil when there is none to be had.
    init?(uninitialized count: Int) {
        guard let memory = BufferPool.shared.take(count) else { return nil }
        self.memory = memory
        isPooled = true
    }

    /// Zeroed memory of an alignment that the pool does not give.
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

    /// No bytes at all.
    static let empty = BufferStorage()

    deinit {
        if isPooled { BufferPool.shared.give(memory) } else { free(memory.baseAddress) }
    }
}

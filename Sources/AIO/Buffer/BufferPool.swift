internal import Glibc
internal import Synchronization

/// Keeps the memory of dropped buffers for the next ones: page-aligned, in sizes of powers of two, up to a limit.
///
/// There is one for the process. A read of 4 KiB costs a lock and two words here, and no call of the allocator.
struct BufferPool: ~Copyable {
    static let shared = BufferPool()

    /// The alignment of all memory here. It suits every direct file: no device requires more than a page.
    static let alignment = 4096
    private static let smallestShift = 12
    private static let largestShift = 20
    /// The limit of each size, so that no size can crowd out the others: 16 MiB each, 144 MiB in all.
    private static let bytesPerSize = 16 << 20

    private let sizes: [Size]

    private final class Size: Sendable {
        struct Free: @unchecked Sendable {
            // Unchecked: the pointers. Their memory belongs to the pool alone.
            var blocks: [UnsafeMutableRawPointer] = []
        }
        let free = Mutex(Free())
        let maximumCount: Int

        init(maximumCount: Int) {
            self.maximumCount = maximumCount
            free.withLock { $0.blocks.reserveCapacity(min(maximumCount, 256)) }
        }
    }

    private init() {
        sizes = (Self.smallestShift...Self.largestShift).map { Size(maximumCount: Self.bytesPerSize >> $0) }
    }

    /// Returns the index of the smallest size that holds `count` bytes; nil if none does.
    private static func index(_ count: Int) -> Int? {
        guard count > 1 << smallestShift else { return 0 }
        let shift = Int.bitWidth - (count - 1).leadingZeroBitCount
        return shift <= largestShift ? shift - smallestShift : nil
    }

    /// Returns uninitialized memory for at least `count` bytes; nil if there is not enough. ``recycle(_:)`` has to
    /// follow.
    func obtain(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        guard let index = Self.index(count) else { return allocate(count) }
        let size = 1 << (index + Self.smallestShift)
        if let block = sizes[index].free.withLock({ $0.blocks.popLast() }) {
            return UnsafeMutableRawBufferPointer(start: block, count: size)
        }
        return allocate(size)
    }

    /// Keeps memory that ``obtain(_:)`` returned for the next buffer, or frees it.
    func recycle(_ memory: UnsafeMutableRawBufferPointer) {
        guard let address = memory.baseAddress else { return }
        if let index = Self.index(memory.count), memory.count == 1 << (index + Self.smallestShift) {
            let size = sizes[index]
            let isKept = size.free.withLock { free in
                guard free.blocks.count < size.maximumCount else { return false }
                free.blocks.append(address)
                return true
            }
            if isKept { return }
        }
        free(address)
    }

    /// How many bytes the pool keeps for the next buffers.
    var idleBytes: Int {
        sizes.indices.reduce(0) { sum, index in
            sum + sizes[index].free.withLock { $0.blocks.count } << (index + Self.smallestShift)
        }
    }

    private func allocate(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        var address: UnsafeMutableRawPointer?
        guard posix_memalign(&address, Self.alignment, count) == 0, let address else { return nil }
        return UnsafeMutableRawBufferPointer(start: address, count: count)
    }
}

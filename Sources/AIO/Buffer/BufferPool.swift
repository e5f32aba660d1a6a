internal import Glibc
internal import Synchronization

/// Memory for buffers, kept for the next one: page-aligned, in sizes of powers of two, bounded.
///
/// One for the process. A read of 4 KiB costs a lock and two words here, and no call of the allocator.
struct BufferPool: ~Copyable {
    static let shared = BufferPool()

    /// Good for every direct file: no device asks for more than a page.
    static let alignment = 4096
    private static let smallestShift = 12
    private static let largestShift = 20
    /// Per size, so that no size can crowd out the others: 16 MiB each, 144 MiB at the very most.
    private static let bytesPerSize = 16 << 20

    private let sizes: [Size]

    private final class Size: Sendable {
        struct Free: @unchecked Sendable {
            // Sendable by hand: the memory in here belongs to nobody else.
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

    /// The index of the smallest size that holds `count`; nil when none does.
    private static func index(_ count: Int) -> Int? {
        guard count > 1 << smallestShift else { return 0 }
        let shift = Int.bitWidth - (count - 1).leadingZeroBitCount
        return shift <= largestShift ? shift - smallestShift : nil
    }

    /// Memory for at least `count` bytes, with whatever was in it; nil when there is none to be had.
    func take(_ count: Int) -> UnsafeMutableRawBufferPointer? {
        guard let index = Self.index(count) else { return allocate(count) }
        let size = 1 << (index + Self.smallestShift)
        if let block = sizes[index].free.withLock({ $0.blocks.popLast() }) {
            return UnsafeMutableRawBufferPointer(start: block, count: size)
        }
        return allocate(size)
    }

    /// Takes back what ``take(_:)`` gave.
    func give(_ memory: UnsafeMutableRawBufferPointer) {
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

    /// Bytes that wait here for the next buffer.
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

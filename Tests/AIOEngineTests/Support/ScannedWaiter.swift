import Synchronization

@testable import AIOEngine

/// A waiter that counts how often the loop's scan looks at it. It stands in for a task.
final class ScannedWaiter: Sendable {
    private let cancelled = Atomic<Bool>(false)
    private let scans = Atomic<Int>(0)

    var waiter: Waiter { Waiter(bits: UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque())) }

    var scanCount: Int { scans.load(ordering: .relaxed) }
    func cancel() { cancelled.store(true, ordering: .relaxed) }

    static let isCancelled: Waiter.IsCancelled = { bits in
        let pointer = UnsafeRawPointer(bitPattern: bits).unsafelyUnwrapped
        let waiter = Unmanaged<ScannedWaiter>.fromOpaque(pointer).takeUnretainedValue()
        waiter.scans.add(1, ordering: .relaxed)
        return waiter.cancelled.load(ordering: .relaxed)
    }
}

internal import Synchronization

/// What the loops of an engine have to know of each other to keep limits that hold over all of them.
///
/// Each loop publishes its own part at the end of a locked region, as the difference to what it published before.
final class SharedLoad: Sendable {
    /// Operations that wait in user space; kept only where there is a limit for them.
    let pending = Atomic<Int>(0)
    /// Operations that wait for a blocking thread or run on one.
    let pooled = Atomic<Int>(0)

    /// Counts one more pending operation, unless there are `maximum` already.
    func reservePending(below maximum: Int) -> Bool {
        var seen = pending.load(ordering: .relaxed)
        while seen < maximum {
            let (exchanged, original) = pending.weakCompareExchange(
                expected: seen, desired: seen + 1, ordering: .relaxed)
            if exchanged { return true }
            seen = original
        }
        return false
    }
}

/// A loop's part of a ``SharedLoad``.
struct PublishedLoad {
    let shared: SharedLoad
    let countsPending: Bool
    var pending = 0
    var pooled = 0

    /// What the other loops have in the blocking pool.
    var othersPooled: Int { max(0, shared.pooled.load(ordering: .relaxed) - pooled) }

    mutating func publish(pending: Int, pooled: Int) {
        if countsPending, pending != self.pending {
            shared.pending.add(pending - self.pending, ordering: .relaxed)
            self.pending = pending
        }
        if pooled != self.pooled {
            shared.pooled.add(pooled - self.pooled, ordering: .relaxed)
            self.pooled = pooled
        }
    }

    /// Counts one more pending operation of this loop, unless there are `maximum` over all loops already.
    mutating func reservePending(below maximum: Int) -> Bool {
        guard shared.reservePending(below: maximum) else { return false }
        pending += 1
        return true
    }
}

package import CPOSIXAIO
internal import Synchronization

/// Requests that were submitted together (lio_listio): how many have not completed, and the notification after the last.
package final class RequestGroup: @unchecked Sendable {
    // Unchecked: the word behind the pointer is used atomically only, and the notification never changes.
    private let remaining: UnsafeMutablePointer<Int32>
    private let notification: pxa_notification
    private let failed = Atomic<Bool>(false)

    /// - Parameter count: the number of requests, at least one.
    package init(count: Int32, notification: pxa_notification) {
        remaining = .allocate(capacity: 1)
        remaining.initialize(to: 0)
        pxa_count_set(remaining, count)
        self.notification = notification
    }

    deinit { remaining.deallocate() }

    /// Whether a request of the group has failed so far.
    package var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// Counts a request that has completed. `pxa_announce` is to be called after it.
    ///
    /// - Returns: whether it was the last.
    func oneCompleted(failed didFail: Bool) -> Bool {
        // Relaxed: the countdown behind it publishes it.
        if didFail { failed.store(true, ordering: .relaxed) }
        return pxa_count_down(remaining) == 0
    }

    /// Takes requests out of the group that were not submitted.
    func leave(_ count: Int32) {
        for _ in 0..<count where pxa_count_down(remaining) == 0 { notify() }
    }

    /// Delivers the notification of the whole group.
    func notify() { withUnsafePointer(to: notification) { pxa_notify($0) } }

    /// Blocks until the last request has completed.
    ///
    /// - Returns: false if a signal was handled first (EINTR).
    package func wait() -> Bool { pxa_wait_for_zero(remaining) == 0 }
}

package import CPOSIXAIO
internal import Synchronization

/// Requests that were submitted together (lio_listio): how many have not ended, and whom to tell after the last.
package final class RequestGroup: @unchecked Sendable {
    // Sendable by hand: the word is only counted atomically, and the notification never changes.
    private let remaining: UnsafeMutablePointer<Int32>
    private let notification: pxa_notification
    private let failed = Atomic<Bool>(false)

    /// - Parameter count: the requests in it, at least one.
    package init(count: Int32, notification: pxa_notification) {
        remaining = .allocate(capacity: 1)
        remaining.initialize(to: 0)
        pxa_count_set(remaining, count)
        self.notification = notification
    }

    deinit { remaining.deallocate() }

    /// Whether a request of it has ended in an error so far.
    package var hasFailed: Bool { failed.load(ordering: .relaxed) }

    /// One of its requests has ended; `pxa_announce` is still to come.
    func oneEnded(failed didFail: Bool) -> Bool {
        // Relaxed: the countdown behind it publishes it.
        if didFail { failed.store(true, ordering: .relaxed) }
        return pxa_count_down(remaining) == 0
    }

    /// So many of its requests were never submitted.
    func leave(_ count: Int32) {
        for _ in 0..<count where pxa_count_down(remaining) == 0 { tell() }
    }

    func tell() { withUnsafePointer(to: notification) { pxa_notify($0) } }

    /// Waits for the last of them. False: a signal came first (EINTR).
    package func wait() -> Bool { pxa_wait_for_zero(remaining) == 0 }
}

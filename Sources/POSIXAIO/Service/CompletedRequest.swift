internal import AIOEngine
internal import CPOSIXAIO
internal import Glibc
internal import SystemPackage

/// The notification of a request that has completed, to be delivered after the lock.
///
/// It has all that it needs, because the control block is not touched any more: once its error is written it is its
/// owner's again, who may have freed it.
struct CompletedRequest: @unchecked Sendable {
    // Unchecked for the pointers in the notification, which are the program's and only passed on.
    private let notification: pxa_notification
    private let group: RequestGroup?
    private let owner: AnyObject?
    private let failed: Bool

    /// Writes the outcome where the request's owner reads it.
    init(_ request: RequestDescription, _ outcome: Outcome) {
        notification = request.notification
        group = request.group
        owner = request.owner
        let error = outcome == .cancelled ? ECANCELED : outcome.errno?.rawValue ?? (outcome.result == nil ? EIO : 0)
        failed = error != 0
        pxa_finish(request.state, error == 0 ? outcome.rawValue : -1, error)
    }

    /// Wakes those that wait and delivers the notifications.
    func notify() {
        let isLast = group?.oneCompleted(failed: failed) ?? false
        // After the group's count, which a waiter of the group reads, and before the signal, which must find the
        // waiters' condition true already.
        pxa_announce()
        if notification.kind != PXA_NOTIFY_NONE { withUnsafePointer(to: notification) { pxa_notify($0) } }
        if isLast { group?.notify() }
    }
}

internal import CPOSIXAIO
internal import Glibc
internal import POSIXAIO

/// lio_listio(3).
///
/// It fails with EINVAL when the call is wrong, EAGAIN when nothing can be queued, EIO when a request was refused or, with
/// LIO_WAIT, failed, and EINTR when a signal ended the wait; the requests then go on.
func submitList(
    _ mode: Int32, _ list: UnsafePointer<ControlBlockPointer?>?, _ count: Int32,
    _ notification: UnsafePointer<pxa_notification>?
) -> Int32 {
    let waits = mode == PXA_LIST_WAIT
    guard waits || mode == PXA_LIST_NO_WAIT, count >= 0, list != nil || count == 0 else { return failed(EINVAL) }
    let entries = UnsafeBufferPointer(start: list, count: Int(count))
    var (accepted, refused) = ([ControlBlockPointer](), false)
    for case let block? in entries where block.pointee.list_operation != PXA_LIST_NOTHING {
        if RequestDescription.priorities.contains(block.pointee.priority) {
            accepted.append(block)
        } else {
            pxa_finish(block.state, -1, EINVAL)
            refused = true
        }
    }
    // With LIO_WAIT the return says it.
    let kept = waits ? pxa_notification.none : notification.map(pxa_foreign) ?? .none
    guard !accepted.isEmpty else {
        withUnsafePointer(to: kept) { pxa_notify($0) }
        return refused ? failed(EIO) : 0
    }
    guard let service = try? RequestService.shared() else {
        for block in accepted { pxa_finish(block.state, -1, EAGAIN) }
        return failed(EAGAIN)
    }
    let group = RequestGroup(count: Int32(accepted.count), notification: kept)
    service.submit(accepted.map { RequestDescription(.listed($0.pointee.list_operation), $0, in: group) })
    guard waits else { return refused ? failed(EIO) : 0 }
    guard group.wait() else { return failed(EINTR) }
    return refused || group.hasFailed ? failed(EIO) : 0
}

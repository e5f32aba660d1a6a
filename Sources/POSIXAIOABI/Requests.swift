internal import CPOSIXAIO
internal import Glibc
internal import POSIXAIO

/// Sets errno and returns -1.
func failed(_ error: Int32) -> Int32 {
    pxa_set_errno(error)
    return -1
}

/// Returns this process's service, or nil where kernel AIO is not available: the call then fails with EAGAIN, as POSIX
/// wants where resources are lacking.
private func service() -> RequestService? { try? RequestService.shared() }

func submit(_ block: ControlBlockPointer?, _ kind: RequestDescription.Kind) -> Int32 {
    guard let block else { return failed(EINVAL) }
    guard RequestDescription.priorities.contains(block.pointee.priority) else { return failed(EINVAL, block) }
    guard let service = service() else { return failed(EAGAIN, block) }
    service.submit(RequestDescription(kind, block))
    return 0
}

func synchronize(_ operation: Int32, _ block: ControlBlockPointer?) -> Int32 {
    guard operation == pxa_o_sync || operation == pxa_o_dsync, let block else { return failed(EINVAL) }
    var descriptor = pxa_descriptor()
    guard pxa_look(block.pointee.descriptor, &descriptor) == 0, descriptor.writable else { return failed(EBADF) }
    guard let service = service() else { return failed(EAGAIN, block) }
    service.submit(RequestDescription(.synchronize(dataOnly: operation == pxa_o_dsync), block))
    return 0
}

/// Refuses a call. The error is written into the block as well, as glibc does.
private func failed(_ error: Int32, _ block: ControlBlockPointer) -> Int32 {
    pxa_finish(block.state, -1, error)
    return failed(error)
}

func cancel(_ descriptor: Int32, _ block: ControlBlockPointer?) -> Int32 {
    var found = pxa_descriptor()
    guard pxa_look(descriptor, &found) == 0 else { return failed(EBADF) }
    if let block {
        guard block.pointee.descriptor == descriptor else { return failed(EINVAL) }
        guard pxa_error(block.state) == EINPROGRESS else { return Int32(PXA_ALL_DONE) }
    }
    guard let service = service() else { return Int32(PXA_ALL_DONE) }
    switch service.cancel(block?.state, on: descriptor) {
    case .cancelled: return Int32(PXA_CANCELED)
    case .notCancelled: return Int32(PXA_NOT_CANCELED)
    case .allDone: return Int32(PXA_ALL_DONE)
    }
}

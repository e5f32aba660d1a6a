internal import CPOSIXAIO
internal import Glibc
internal import POSIXAIO

/// -1, with errno set.
func failed(_ error: Int32) -> Int32 {
    pxa_set_errno(error)
    return -1
}

/// This process's requests, or nil where kernel AIO is not to be had: EAGAIN, as POSIX has it for want of resources.
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

/// Refused at the call: glibc writes that into the block as well.
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

extension RequestDescription {
    init(_ kind: Kind, _ block: ControlBlockPointer, in group: RequestGroup? = nil) {
        // Field by field: the caller need not have set the others, and those that are private are not read.
        self.init(
            kind, descriptor: block.pointee.descriptor, buffer: block.pointee.buffer,
            count: Int(bitPattern: UInt(block.pointee.count)), offset: block.pointee.offset,
            priority: block.pointee.priority, state: block.state,
            notification: pxa_foreign(&block.pointee.notification), group: group)
    }
}

extension ControlBlockPointer {
    /// The address of the two fields that are written.
    var state: UnsafeMutablePointer<pxa_state> {
        pxa_block_state(self)
    }
}

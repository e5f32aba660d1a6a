package import AIOKernel
internal import CAIOShims

extension ControlBlock {
    package var isPoll: Bool { raw.opcode == UInt16(CAIO_CMD_POLL) }

    /// What the kernel returns on success; nil for a poll, which completes only when its descriptor is ready.
    ///
    /// Reads the iovec array, so it may be called only while io_submit runs or the submitter keeps the array.
    var fullCount: Int? {
        switch Int(raw.opcode) {
        case CAIO_CMD_PREAD, CAIO_CMD_PWRITE: return Int(raw.count)
        case CAIO_CMD_PREADV, CAIO_CMD_PWRITEV:
            let vectors = UnsafePointer<caio_iovec>(bitPattern: UInt(raw.buffer))
            return UnsafeBufferPointer(start: vectors, count: Int(raw.count)).reduce(0) { $0 + $1.iov_len }
        case CAIO_CMD_FSYNC, CAIO_CMD_FDSYNC: return 0
        default: return nil
        }
    }
}

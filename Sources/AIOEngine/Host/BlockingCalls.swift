package import CAIOShims
internal import Glibc

/// The system calls that blocking threads make.
package protocol BlockingCalls: AnyObject, Sendable {
    /// Does the work of an iocb by the system call of its kind.
    ///
    /// - Returns: the result or -errno.
    func run(_ block: UnsafeMutablePointer<caio_iocb>) -> Int
    /// Runs the call of a ``BlockingWork``.
    func run(_ work: BlockingWork) -> Int
}

/// preadv2(2), pwritev2(2), fsync(2), fdatasync(2).
final class LiveCalls: BlockingCalls {
    func run(_ work: BlockingWork) -> Int { work.body() }

    func run(_ block: UnsafeMutablePointer<caio_iocb>) -> Int {
        let raw = block.pointee
        let descriptor = Int32(bitPattern: raw.descriptor)
        let flags = Int32(bitPattern: raw.rw_flags)
        switch Int(raw.opcode) {
        case CAIO_CMD_PREAD, CAIO_CMD_PWRITE:
            var vector = caio_iovec(
                iov_base: UnsafeMutableRawPointer(bitPattern: UInt(raw.buffer)), iov_len: Int(raw.count))
            return transfer(Int(raw.opcode) == CAIO_CMD_PREAD, descriptor, &vector, 1, raw.offset, flags)
        case CAIO_CMD_PREADV, CAIO_CMD_PWRITEV:
            guard let vectors = UnsafePointer<caio_iovec>(bitPattern: UInt(raw.buffer)) else { return -Int(EFAULT) }
            let reads = Int(raw.opcode) == CAIO_CMD_PREADV
            return transfer(reads, descriptor, vectors, Int32(raw.count), raw.offset, flags)
        case CAIO_CMD_FSYNC: return Int(caio_fsync(descriptor, false))
        case CAIO_CMD_FDSYNC: return Int(caio_fsync(descriptor, true))
        default: return -Int(EINVAL)
        }
    }

    private func transfer(
        _ reads: Bool, _ descriptor: Int32, _ vectors: UnsafePointer<caio_iovec>, _ count: Int32, _ offset: Int64,
        _ flags: Int32
    ) -> Int {
        var result = -Int(EINTR)
        while result == -Int(EINTR) {
            result =
                reads
                ? caio_preadv2(descriptor, vectors, count, offset, flags)
                : caio_pwritev2(descriptor, vectors, count, offset, flags)
        }
        return result
    }
}

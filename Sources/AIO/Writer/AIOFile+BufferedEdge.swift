internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import SystemPackage

extension AIOFile {
    /// Writes bytes to a direct file that its alignment does not allow there: through the page cache, on a
    /// lane thread, with a descriptor for that.
    func writeBuffered(_ bytes: AIOBuffer, at offset: Int64) async throws {
        let flags = O_WRONLY | (isAppending ? O_APPEND : 0)
        do {
            try await call("write", kind: .write) { descriptor in
                // The right to write is asked of the file's mode, not of how this descriptor was opened.
                let access = caio_get_flags(descriptor)
                guard access >= 0 else { return Int(access) }
                guard access & O_ACCMODE != O_RDONLY else { return -Int(EBADF) }
                let buffered = caio_reopen(descriptor, flags)
                guard buffered >= 0 else { return Int(buffered) }
                defer { _ = caio_close(buffered) }
                return bytes.withUnsafeBytes { writeWhole($0, offset, buffered) }
            }
        } catch var error as AIOError {
            (error.offset, error.count) = (offset, bytes.count)
            throw error
        }
    }
}

/// pwrite(2) until all is written: the count, or -errno.
private func writeWhole(_ bytes: UnsafeRawBufferPointer, _ offset: Int64, _ descriptor: Int32) -> Int {
    var done = 0
    while done < bytes.count {
        var vector = caio_iovec(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress! + done), iov_len: bytes.count - done)
        let result = caio_pwritev2(descriptor, &vector, 1, offset + Int64(done), 0)
        if result == -Int(EINTR) { continue }
        if result <= 0 { return result == 0 ? -Int(ENOSPC) : result }
        done += result
    }
    return done
}

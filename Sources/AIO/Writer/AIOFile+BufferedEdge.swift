internal import AIOEngine
internal import CAIOShims
internal import Glibc
internal import SystemPackage

extension AIOFile {
    /// Writes bytes to a direct file where its alignment does not allow a direct write: through the page cache, on a
    /// blocking thread, with a second descriptor.
    func writeBuffered(_ bytes: AIOBuffer, at offset: Int64) async throws {
        let flags = O_WRONLY | (isAppending ? O_APPEND : 0)
        do {
            try await call("write", kind: .write) { descriptor in
                // The reopening checks the file's permissions, not whether this descriptor was opened for writing.
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

/// Calls pwrite(2) until all bytes are written. Returns their count or -errno.
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

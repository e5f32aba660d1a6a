internal import CAIOShims
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// Copies one range from file to file, on a blocking thread.
struct CopyChunk {
    let from: Int32
    let to: Int32
    let range: Range<Int64>
    let copied: CopiedBytes

    /// Copies the range.
    ///
    /// - Returns: how many bytes were copied, fewer than the range has if the source ends in it; or -errno.
    func run() -> Int {
        // The kernel's read-ahead follows one reader of each open file description, and here there are several readers.
        // Without /proc, or the permission to open the source once more, they share one description.
        let own = caio_reopen_sequential(from)
        guard own >= 0 else { return copy(from) }
        defer { _ = caio_close(own) }
        return copy(own)
    }

    private func copy(_ from: Int32) -> Int {
        var done = 0
        while done < range.count {
            let result = caio_copy_range(from, to, range.lowerBound + Int64(done), range.count - done)
            if result <= 0 {
                // 0 is the end, or a file of /proc and the like, from which the kernel copies nothing although it can
                // be read.
                guard result == 0 || Self.isUnsupported(result) else { return result }
                let rest = copyThroughMemory(from, after: done)
                if rest < 0 { return rest }
                done += rest
                break
            }
            copied.count.add(Int64(result), ordering: .relaxed)
            done += result
        }
        // The disk starts to write this range while others are copied. synchronize() would report an error.
        if done > 0 { _ = caio_start_writeback(to, range.lowerBound, Int64(done)) }
        return done
    }

    private static func isUnsupported(_ result: Int) -> Bool {
        // EPERM: a sandbox that does not allow the call. If the reason is the file's permissions, pwrite(2) fails too.
        [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(Int32(-result))
    }

    private func copyThroughMemory(_ from: Int32, after start: Int) -> Int {
        guard let buffer = BufferStorage(uninitialized: min(range.count - start, 1 << 20)) else { return -Int(ENOMEM) }
        var done = start
        while done < range.count {
            let offset = range.lowerBound + Int64(done)
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer.memory[..<min(range.count - done, buffer.memory.count)])
            let read = Self.transfer(piece, offset, caio_preadv2, from)
            if read < 0 { return read }
            if read == 0 { break }
            var written = 0
            while written < read {
                let rest = UnsafeMutableRawBufferPointer(rebasing: piece[written..<read])
                let result = Self.transfer(rest, offset + Int64(written), caio_pwritev2, to)
                if result <= 0 { return result == 0 ? -Int(ENOSPC) : result }
                written += result
            }
            copied.count.add(Int64(read), ordering: .relaxed)
            done += read
        }
        return done - start
    }

    private typealias Call = (Int32, UnsafePointer<caio_iovec>, Int32, Int64, Int32) -> Int

    private static func transfer(
        _ memory: UnsafeMutableRawBufferPointer, _ offset: Int64, _ call: Call, _ descriptor: Int32
    ) -> Int {
        var vector = caio_iovec(iov_base: memory.baseAddress, iov_len: memory.count)
        var result = -Int(EINTR)
        while result == -Int(EINTR) { result = call(descriptor, &vector, 1, offset, 0) }
        return result
    }
}

import CSupport
import Foundation

/// A file of real data that the benchmark makes, and removes again: at the end, on an error, on Ctrl-C.
package final class TestFile: Sendable {
    package enum Contents: String, CaseIterable, Sendable {
        /// Bytes that do not compress.
        case noise
        /// Lines of UTF-8, some 80 bytes each.
        case text
    }

    package let path: String
    package let bytes: Int

    /// - Parameters:
    ///   - wanted: Bytes, if there is room: at most half of what is free is taken. Of text there may be some fewer.
    ///   - progress: Called after every few MiB with the part that is written, 0…1.
    package init(
        in directory: String, wanted: Int, contents: Contents = .noise, seed: UInt64, progress: (_ done: Double) -> Void
    ) throws {
        let free = bench_free_space(directory)
        guard free >= 0 else {
            throw EngineFailure("cannot use \(directory): \(TestFile.reason(Int32(truncatingIfNeeded: free)))")
        }
        let bytes = TestFile.fitting(wanted: wanted, free: Int(free))
        guard bytes >= TestFile.smallest else {
            throw EngineFailure(
                "too little space in \(directory): \(Format.bytes(Int(free))) free, twice the file is needed")
        }
        self.path = directory + "/.aio-bench-\(ProcessInfo.processInfo.processIdentifier)-\(seed % 100_000).\(contents)"
        self.bytes = bytes
        let descriptor = bench_open(path, true, true, false)
        guard descriptor >= 0 else { throw EngineFailure("cannot make \(path): \(TestFile.reason(descriptor))") }
        _ = bench_remove_on_signal(path)
        defer { _ = bench_close(descriptor) }
        let piece = 16 << 20
        for offset in stride(from: 0, to: bytes, by: piece) {
            let fill = contents == .noise ? bench_fill : bench_fill_text
            let result = fill(descriptor, Int64(offset), Int64(min(piece, bytes - offset)), seed)
            guard result == 0 else {
                remove()
                throw EngineFailure("cannot fill \(path): \(TestFile.reason(result))")
            }
            progress(Double(min(offset + piece, bytes)) / Double(bytes))
        }
    }

    deinit { remove() }

    package func remove() {
        unlink(path)
        bench_keep_on_signal(path)
    }

    package static let smallest = 8 << 20

    /// Whole MiB, and never more than half of what is free.
    package static func fitting(wanted: Int, free: Int) -> Int { (min(wanted, free / 2) >> 20) << 20 }

    /// Whether the file can be opened and read past the page cache; 0, or -errno.
    package func directObstacle() -> Int32 {
        let descriptor = bench_open(path, false, false, true)
        guard descriptor >= 0 else { return descriptor }
        defer { _ = bench_close(descriptor) }
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 4096, alignment: 4096)
        defer { buffer.deallocate() }
        return pread(descriptor, buffer, 4096, 0) == 4096 ? 0 : -errno
    }

    package static func reason(_ negativeErrno: Int32) -> String { String(cString: strerror(-negativeErrno)) }
}

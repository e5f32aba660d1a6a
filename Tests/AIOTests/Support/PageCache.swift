import Glibc
import SystemPackage
import TestSupport

/// Controls which pages of a file the kernel keeps in memory.
enum PageCache {
    static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Drops the file's clean pages in a range of bytes.
    static func drop(_ range: Range<Int>, of file: OpenDescriptor) {
        _ = posix_fadvise(file.descriptor.rawValue, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
    }

    /// Reads a range of bytes into the page cache, without read-ahead.
    static func fill(_ range: Range<Int>, of file: OpenDescriptor) throws {
        _ = posix_fadvise(file.descriptor.rawValue, 0, 0, POSIX_FADV_RANDOM)
        for page in stride(from: range.lowerBound, to: range.upperBound, by: pageSize) {
            var byte: UInt8 = 0
            _ = try withUnsafeMutableBytes(of: &byte) {
                try file.descriptor.read(fromAbsoluteOffset: Int64(page), into: $0)
            }
        }
    }

    /// Returns which pages of the file's first `size` bytes are in memory: mincore(2).
    static func residency(of file: OpenDescriptor, size: Int) throws -> [Bool] {
        guard let map = mmap(nil, size, PROT_READ, MAP_SHARED, file.descriptor.rawValue, 0), map != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        defer { munmap(map, size) }
        var pages = [UInt8](repeating: 0, count: (size + pageSize - 1) / pageSize)
        guard mincore(map, size, &pages) == 0 else { throw Errno(rawValue: errno) }
        return pages.map { $0 & 1 == 1 }
    }
}

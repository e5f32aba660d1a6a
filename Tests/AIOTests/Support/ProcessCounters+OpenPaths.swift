import Glibc
import SystemPackage
import TestSupport

extension ProcessCounters {
    /// Whether a descriptor of this process refers to the file at `path`.
    static func isOpen(_ path: FilePath) -> Bool { openDescriptors(of: path) > 0 }

    /// Returns how many descriptors of this process refer to the file with this name in /proc/self/fd.
    static func openDescriptors(of path: FilePath) -> Int {
        guard let stream = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(stream) }
        var found = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = readlink("/proc/self/fd/\(name)", &target, Int(PATH_MAX))
            if count > 0, String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) == path.string
            {
                found += 1
            }
        }
        return found
    }
}

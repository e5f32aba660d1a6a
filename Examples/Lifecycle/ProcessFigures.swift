import AIO
import Glibc
import SystemPackage

/// The figures in which a leak would show.
struct ProcessFigures {
    var residentKiB: Int
    var descriptors: Int
    var threads: Int
    /// Contexts of this process.
    var contexts: Int
    /// fs.aio-nr: of the whole host, so that other programs change it too.
    var events: Int

    static func now() throws -> ProcessFigures {
        ProcessFigures(
            residentKiB: try residentPages() * Int(getpagesize()) / 1024,
            // One of them is the descriptor that reads the directory.
            descriptors: entries(of: "/proc/self/fd") - 1, threads: entries(of: "/proc/self/task"),
            contexts: AIOProcess.liveContexts, events: try AIOProcess.SystemLimits.current().inUse)
    }

    /// The second number of /proc/self/statm.
    private static func residentPages() throws -> Int {
        let descriptor = try FileDescriptor.open("/proc/self/statm", .readOnly, options: .closeOnExec)
        defer { try? descriptor.close() }
        let text = try String(unsafeUninitializedCapacity: 128) {
            try descriptor.read(into: UnsafeMutableRawBufferPointer($0))
        }
        let numbers = text.split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) ?? 0 : 0
    }

    private static func entries(of directory: String) -> Int {
        guard let stream = opendir(directory) else { return 0 }
        defer { closedir(stream) }
        var count = 0
        while let entry = readdir(stream) {
            // Neither "." nor "..": everything else there is a number.
            if entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }
}

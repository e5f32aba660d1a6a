internal import AIOKernel
internal import CTestSupport
internal import Glibc

/// The system resources that this process holds. Other tests run beside the caller: compare with
/// ``eventually(within:every:_:)``, or hold a ``ProcessLock``.
public enum ProcessCounters {
    /// Open descriptors: /proc/self/fd.
    public static func openDescriptors() -> Int { entries("/proc/self/fd") - 1 }

    /// Threads: /proc/self/task.
    public static func threads() -> Int { entries("/proc/self/task") }

    /// Resident memory, in bytes: /proc/self/statm.
    public static func residentBytes() -> Int {
        let fields = text("/proc/self/statm").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    /// Events that the contexts of all processes on the host have reserved: fs.aio-nr.
    public static func aioEvents() -> Int { (try? SystemLimits.current().inUse) ?? 0 }

    /// Completion rings that are mapped into this process: one for each of its contexts.
    public static func aioRings() -> Int { ringAddresses().count }

    /// Whether the context's ring is mapped; false soon after its io_destroy(2). A later ring may get the address of
    /// one that is gone.
    public static func hasRing(_ context: UInt64) -> Bool { ringAddresses().contains(context) }

    /// The names of the threads: /proc/self/task/*/comm.
    public static func threadNames() -> [String] {
        names("/proc/self/task").map { text("/proc/self/task/\($0)/comm").filter { $0 != "\n" } }
    }

    /// A field of the threads whose names begin so: /proc/self/task/*/status.
    public static func threadFields(_ field: String, named prefix: String) -> [String] {
        names("/proc/self/task").compactMap { thread in
            guard text("/proc/self/task/\(thread)/comm").hasPrefix(prefix) else { return nil }
            let line = text("/proc/self/task/\(thread)/status").split(separator: "\n").first {
                $0.hasPrefix(field + ":")
            }
            return line.map { $0.dropFirst(field.count + 1).filter { !$0.isWhitespace } }
        }
    }

    /// A system call that blocks.
    public enum SystemCall: Sendable {
        case getEvents, destroy
    }

    /// Whether a thread is blocked inside the call, according to /proc/self/task/*/syscall.
    public static func isAThread(in call: SystemCall) -> Bool {
        let number = String(call == .getEvents ? test_io_getevents_number : test_io_destroy_number)
        return names("/proc/self/task").contains {
            text("/proc/self/task/\($0)/syscall").prefix { $0 != " " && $0 != "\n" } == number
        }
    }

    private static func ringAddresses() -> [UInt64] {
        text("/proc/self/maps").split(separator: "\n").filter { $0.contains("/[aio]") }.compactMap {
            UInt64($0.prefix { $0 != "-" }, radix: 16)
        }
    }

    private static func entries(_ directory: String) -> Int { names(directory).count }

    private static func names(_ directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

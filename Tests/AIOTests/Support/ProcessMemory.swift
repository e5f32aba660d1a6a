import Glibc
import SystemPackage
import TestSupport
import Testing

/// The memory of this process: proc_pid_status(5).
enum ProcessMemory {
    /// The peak of resident memory, in bytes.
    static var peak: Int { get throws { try read("VmHWM") } }

    private static func read(_ name: String) throws -> Int {
        // Not read by its size, as files of /proc have none.
        let file = try OpenDescriptor("/proc/self/status")
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = try bytes.withUnsafeMutableBytes { try file.descriptor.read(into: $0) }
        withExtendedLifetime(file) {}
        let line = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("\(name):") }
        let words = try #require(line).split { $0 == " " || $0 == "\t" }
        return try #require(Int(words[1])) << 10
    }

    /// Resets the peak, where the kernel can: proc_pid_clear_refs(5).
    static func resetPeak() {
        guard let file = try? OpenDescriptor("/proc/self/clear_refs", .writeOnly) else { return }
        _ = try? file.descriptor.writeAll([UInt8(ascii: "5")])
        withExtendedLifetime(file) {}
    }

    /// Runs `body` while the process can map no more than `bytes` more. Only for child processes.
    static func limiting(to bytes: Int, _ body: () async throws -> Void) async throws {
        var limit = rlimit()
        #expect(getrlimit(resource, &limit) == 0)
        let before = limit
        limit.rlim_cur = rlim_t(try read("VmSize") + bytes)
        #expect(setrlimit(resource, &limit) == 0)
        try await body()
        limit = before
        #expect(setrlimit(resource, &limit) == 0)
    }

    private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_AS.rawValue) }
}

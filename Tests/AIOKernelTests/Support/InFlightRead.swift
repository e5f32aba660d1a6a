import AIOKernel
import SystemPackage
import TestSupport

/// Starts a direct read that outlives the caller: its file, memory and context are never freed.
enum InFlightRead {
    static func start(_ path: FilePath) async throws {
        let file = Unmanaged.passRetained(try OpenDescriptor(path, direct: true)).takeUnretainedValue()
        let memory = Unmanaged.passRetained(AlignedMemory(count: 4096)).takeUnretainedValue()
        let shared = Unmanaged.passRetained(try SharedContext(capacity: 1)).takeUnretainedValue()
        var table = ControlBlockTable(count: 1)
        table[0] = .read(file.descriptor, into: memory.bytes, at: 0)
        _ = try shared.context.put(table, 0..<1)
    }
}

internal import CLibAIO
internal import Synchronization
internal import SystemPackage

/// What this kernel's AIO can do, found out by trying: a version number says little about a patched kernel,
/// and nothing about a sandbox.
public struct KernelFeatures: Hashable, Sendable {
    /// The completion ring may be read in user space.
    public let ring: Bool
    /// `IOCB_CMD_POLL` (Linux 4.19). Contexts of the `AIO` module need it.
    public let poll: Bool
    /// `IOCB_CMD_FSYNC` and `IOCB_CMD_FDSYNC` (Linux 4.18).
    public let synchronize: Bool

    /// Probes on a context of its own, made and destroyed for it (30 ms and more).
    public static func probe() throws(KernelError) -> KernelFeatures {
        let context = try KernelContext(capacity: 4)
        let features = try probe(on: context)
        try context.destroy()
        return features
    }

    /// Probed once per process; later calls cost nothing.
    ///
    /// - Throws: what kept the probe from running, each time anew until it has run.
    public static func current() throws(KernelError) -> KernelFeatures {
        if let known = cache.withLock({ $0 }) { return known }
        let probed = try probe()
        cache.withLock { $0 = probed }
        return probed
    }

    private static func probe(on context: borrowing KernelContext) throws(KernelError) -> KernelFeatures {
        let wake = try WakeEvent()
        wake.signal()
        var table = ControlBlockTable(count: 1)
        table[0] = .poll(wake.descriptor, for: UInt32(POLLIN))
        let polls = (try? unsafe context.submit(table, 0..<1)) == 1
        if polls { _ = try context.events(minimum: 1, maximum: 1, timeout: .seconds(1)) }
        return KernelFeatures(ring: context.ring != nil, poll: polls, synchronize: try synchronizes(context))
    }

    /// fsync of a real file: a memfd has one, and it costs nothing.
    private static func synchronizes(_ context: borrowing KernelContext) throws(KernelError) -> Bool {
        let file = caio_memory_file()
        guard file >= 0 else { return false }
        defer { _ = caio_close(file) }
        var table = ControlBlockTable(count: 1)
        table[0] = .synchronize(FileDescriptor(rawValue: file), dataOnly: false)
        guard (try? unsafe context.submit(table, 0..<1)) == 1 else { return false }
        return try context.events(minimum: 1, maximum: 1, timeout: .seconds(1)).first?.result == 0
    }

    private static let cache = Mutex<KernelFeatures?>(nil)
}

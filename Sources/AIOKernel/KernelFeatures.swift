internal import CAIOShims
internal import ForkSafeMutex
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
    ///
    /// - Throws: what io_setup(2) or eventfd(2) refused, or io_submit(2) for want of memory.
    public static func probe() throws(KernelError) -> KernelFeatures {
        let context = try KernelContext(capacity: 4)
        let wake = try WakeEvent()
        wake.signal()
        let features = KernelFeatures(
            ring: context.ring != nil,
            poll: try completes(.poll(wake.descriptor, for: UInt32(POLLIN)), on: context) { $0 & Int(POLLIN) != 0 },
            synchronize: try synchronizes(context))
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

    /// fsync of a real file: a memfd has one, and it costs nothing.
    private static func synchronizes(_ context: borrowing KernelContext) throws(KernelError) -> Bool {
        let file = caio_memory_file()
        guard file >= 0 else { return false }
        defer { _ = caio_close(file) }
        return try completes(.synchronize(FileDescriptor(rawValue: file), dataOnly: false), on: context) { $0 == 0 }
    }

    /// Whether the kernel takes the operation and its event says what it should.
    private static func completes(
        _ block: ControlBlock, on context: borrowing KernelContext, _ expected: (Int) -> Bool
    ) throws(KernelError) -> Bool {
        var table = ControlBlockTable(count: 1)
        table[0] = block
        do {
            _ = try unsafe context.submit(table, 0..<1)
        } catch {
            // EINVAL is an opcode that the kernel does not know. Anything else (no memory, say) says nothing
            // about the kernel, and must not be remembered as if it did.
            guard error.errno == .invalidArgument else { throw error }
            return false
        }
        while true {
            do {
                let event = try context.events(minimum: 1, maximum: 1, timeout: .seconds(1)).first
                return event.map { expected($0.result) } ?? false
            } catch {
                // A signal of the program's own says nothing either.
                guard error.errno == .interrupted else { throw error }
            }
        }
    }

    private static let cache = ForkSafeMutex<KernelFeatures?>(nil)
}

internal import CTestSupport
public import SystemPackage

/// A small ext4 file system on a loop device, for tests that fill it up. Unmounted with its last reference.
public final class Ext4Image: Sendable {
    public let device: LoopDevice
    /// Where it is mounted.
    public let path: FilePath
    private let directory: TemporaryDirectory

    public init(size: Int64 = 16 << 20) throws {
        device = try LoopDevice(size: size)
        let made = try Command.run(["mkfs.ext4", "-q", "-F", "-m", "0", device.path.string])
        guard made.status == 0 else { throw ToolFailure(tool: "mkfs.ext4", text: made.text) }
        directory = try .onDisk()
        path = try directory.makeDirectory("mounted")
        _ = try checked(test_mount(device.path.string, path.string, "ext4", ""))
    }

    deinit { _ = test_unmount(path.string, 0) }
}

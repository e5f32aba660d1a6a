internal import CTestSupport
public import SystemPackage

/// A block device over a file: losetup(8), as root. Detached when the last reference goes.
public final class LoopDevice: Sendable {
    public let path: FilePath
    /// The file below: truncate it, and the device answers EIO for what is gone.
    public let file: FilePath
    private let directory: TemporaryDirectory

    public init(size: Int64) throws {
        directory = try .onDisk()
        file = directory.path("image")
        do {
            let image = try OpenDescriptor(file, .readWrite, options: .create)
            try image.descriptor.resize(to: size)
        }
        let made = try Command.run(["losetup", "--find", "--show", file.string])
        guard made.status == 0 else { throw ToolFailure(tool: "losetup", text: made.text) }
        path = FilePath(made.text.split(separator: "\n").first.map(String.init) ?? "")
    }

    deinit { _ = try? Command.run(["losetup", "--detach", path.string]) }
}

/// A small ext4 file system on a loop device, mounted until the last reference goes: to fill up, or to wear out.
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

/// What a program of the system complained of.
public struct ToolFailure: Error, CustomStringConvertible {
    public let tool: String
    public let text: String
    public var description: String { "\(tool): \(text)" }
}

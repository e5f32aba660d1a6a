public import SystemPackage

/// A block device over a file: losetup(8), as root. Detached with its last reference.
public final class LoopDevice: Sendable {
    public let path: FilePath
    /// The file below. After it is truncated, the device returns EIO for what is missing.
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

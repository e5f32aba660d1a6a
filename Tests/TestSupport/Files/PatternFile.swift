internal import CAIOShims
public import SystemPackage

/// A file full of a ``BytePattern``, in a temporary directory that it keeps alive.
public final class PatternFile: Sendable {
    public let directory: TemporaryDirectory
    public let path: FilePath
    public let size: Int
    public let pattern: BytePattern

    public init(
        size: Int, seed: UInt64 = 1, name: String = "pattern", in directory: TemporaryDirectory? = nil
    ) throws {
        self.directory = try directory ?? .onDisk()
        self.size = size
        path = self.directory.path(name)
        pattern = BytePattern(seed: seed)
        try Self.write(pattern, size: size, to: path)
    }

    /// Opens the file once more.
    public func open(
        _ mode: FileDescriptor.AccessMode = .readOnly, options: FileDescriptor.OpenOptions = [], direct: Bool = false
    ) throws -> OpenDescriptor {
        try OpenDescriptor(path, mode, options: options, direct: direct)
    }

    /// Writes `size` bytes of the pattern to a new file and synchronizes it, as a direct read would have to wait for
    /// pages that are still dirty.
    public static func write(_ pattern: BytePattern, size: Int, to path: FilePath) throws {
        let file = try OpenDescriptor(path, .writeOnly, options: [.create, .truncate])
        var offset = 0
        while offset < size {
            let chunk = pattern.bytes(at: Int64(offset), count: min(1 << 20, size - offset))
            offset += try chunk.withUnsafeBytes { try file.descriptor.writeAll($0) }
        }
        _ = try checked(synchronize(file.descriptor))
    }
}

private func synchronize(_ descriptor: FileDescriptor) -> Int32 { caio_fsync(descriptor.rawValue, false) }

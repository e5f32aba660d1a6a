import SystemPackage

extension FileDescriptor {
    /// Writes the first `count` of `bytes`.
    @discardableResult
    func write(_ bytes: [UInt8], bytes count: Int) throws -> Int {
        try bytes.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    }
}

import SystemPackage
import TestSupport

/// Returns the contents of a file, read with plain system calls.
func contents(of path: FilePath, at offset: Int64 = 0, count: Int = 64 << 20) throws -> [UInt8] {
    let file = try OpenDescriptor(path)
    let size = try file.size()
    let count = Int(clamping: min(max(0, size - offset), Int64(count)))
    return try [UInt8](unsafeUninitializedCapacity: count) { memory, done in
        while done < count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[done..<count])
            let read = try file.descriptor.read(fromAbsoluteOffset: offset + Int64(done), into: rest)
            if read == 0 { break }
            done += read
        }
    }
}

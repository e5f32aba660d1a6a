import AIO
import CAIOShims
import SystemPackage
import TestSupport
import Testing

/// How a test does file I/O: buffered or direct, on a disk's file system or on tmpfs.
struct Setting: Hashable, Sendable, CustomTestStringConvertible {
    let caching: AIOFile.Caching
    let isOnDisk: Bool

    var testDescription: String { "\(caching), \(isOnDisk ? "on disk" : "tmpfs")" }

    static let onDisk = [Setting(caching: .direct, isOnDisk: true), Setting(caching: .buffered, isOnDisk: true)]
    static let direct = Setting(caching: .direct, isOnDisk: true)
    static let buffered = Setting(caching: .buffered, isOnDisk: true)
    static let all = onDisk + inMemory

    static let inMemory: [Setting] = {
        guard Requirement.sharedMemory.isMet, let directory = try? TemporaryDirectory.inMemory() else { return [] }
        let buffered = Setting(caching: .buffered, isOnDisk: false)
        let path = directory.path("direct")
        guard (try? OpenDescriptor(path, .readWrite, options: .create, direct: true)) != nil else {
            print("SKIPPING direct I/O on tmpfs: this kernel has none (Linux 6.6 and later do)")
            return [buffered]
        }
        return [Setting(caching: .direct, isOnDisk: false), buffered]
    }()

    func directory() throws -> TemporaryDirectory { isOnDisk ? try .onDisk() : try .inMemory() }
}

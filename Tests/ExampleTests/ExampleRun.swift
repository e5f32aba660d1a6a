import Glibc
import SystemPackage
import TestSupport

/// Runs an executable of the package, which is built beside this test, with nothing to read.
func runExample(_ name: String, _ arguments: [String]) async throws -> Command.Output {
    let executable = try buildDirectory().appending(name).string
    // The contexts of another process count on this host as well as those of this one.
    return try await ProcessLock.aioEvents.withLock {
        try await onThread { try Command.run([executable] + arguments) }
    }
}

/// Where the test bundle is, and with it whatever else the package builds.
private func buildDirectory() throws -> FilePath {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
        readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard count > 0 else { throw Errno(rawValue: errno) }
    return FilePath(String(decoding: buffer[..<count], as: UTF8.self)).removingLastComponent()
}

import Glibc
import SystemPackage
import TestSupport

/// Runs an executable of the package, which is built beside this test, without standard input.
func runExample(_ name: String, _ arguments: [String]) async throws -> Command.Output {
    let executable = try buildDirectory().appending(name).string
    // fs.aio-nr counts the contexts of other processes too, so the example must not run beside tests that read it.
    return try await ProcessLock.aioEvents.withLock {
        try await onThread { try Command.run([executable] + arguments) }
    }
}

/// Returns the directory of the test bundle, where the package's other products are as well.
private func buildDirectory() throws -> FilePath {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
        readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    guard count > 0 else { throw Errno(rawValue: errno) }
    return FilePath(String(decoding: buffer[..<count], as: UTF8.self)).removingLastComponent()
}

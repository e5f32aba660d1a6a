// SHA-256 of many files at once, written and checked as sha256sum does it.

import AIO
import Checksums
import Glibc
import StandardDescriptors

/// Standard output, written in large pieces, and standard error.
final class Console: ChecksumOutput {
    private var pending: [UInt8] = []
    /// Whether a write failed: the reader has gone, or the disk is full.
    private(set) var hasFailed = false

    func write(_ bytes: [UInt8]) {
        pending += bytes
        if pending.count >= 1 << 15 { flush() }
    }

    func complain(_ text: String) {
        // Keeps the order with earlier output, where both descriptors are the same file.
        flush()
        put("aio-sum: \(text)\n", on: 2)
    }

    func flush() {
        if !put(pending, on: 1) { hasFailed = true }
        pending.removeAll(keepingCapacity: true)
    }

    @discardableResult
    private func put(_ text: String, on descriptor: Int32) -> Bool { put(Array(text.utf8), on: descriptor) }

    private func put(_ bytes: [UInt8], on descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// The command line as bytes.
func rawArguments() -> [[UInt8]] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
        CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
}

occupyStandardDescriptors()
let console = Console()
do {
    let arguments = try Arguments(rawArguments())
    var configuration = AIOContext.Configuration()
    configuration.name = "aio-sum"
    // An opening takes a blocking thread for a moment. More threads than files in work would idle.
    let width = 4 * AIOContext.Configuration.availableProcessors
    configuration.blockingThreads = width
    let succeeded = try await withAIOContext(configuration) { context in
        guard arguments.checks else {
            return try await context.writeChecksums(
                of: arguments.names, style: arguments.style, width: width, to: console)
        }
        var succeeded = true
        for list in arguments.names where !(try await context.verify(list, arguments.verify, width: width, to: console))
        {
            succeeded = false
        }
        return succeeded
    }
    console.flush()
    if console.hasFailed { console.complain("write error") }
    exit(succeeded && !console.hasFailed ? 0 : 1)
} catch Arguments.Problem.help {
    console.write(Array(Arguments.help.utf8))
    console.flush()
} catch Arguments.Problem.usage(let problem) {
    console.complain("\(problem)\nTry 'aio-sum --help' for more information.")
    exit(1)
} catch {
    console.complain("\(error)")
    exit(1)
}

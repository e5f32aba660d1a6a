import AIO
import AIOKernel
import SystemPackage

/// Part 4: what io_setup and io_destroy refuse, and what happens to a write whose context is destroyed.
func errorCases() async throws {
    say("io_setup:")
    refused("no capacity") { _ = try KernelContext(capacity: 0) }
    let limits = try SystemLimits.current()
    refused("\(limits.maximum + 1) events") { _ = try KernelContext(capacity: limits.maximum + 1) }

    say("\nio_destroy of a bare ID (KernelCalls):")
    refused("context 0") { try unsafe KernelCalls.destroy(0) }
    refused("a made-up ID") { try unsafe KernelCalls.destroy(0xdead_b000) }
    let identifier = try unsafe KernelCalls.setup(capacity: 1)
    try unsafe KernelCalls.destroy(identifier)
    refused("destroyed already") { try unsafe KernelCalls.destroy(identifier) }
    // With KernelContext none of the three can be written down. A context comes from io_setup(2) only, so its ID is
    // neither 0 nor made up, and
    //
    //     try context.destroy()
    //     try context.destroy()      // error: 'context' consumed more than once
    //
    // does not compile; nor does a use after destroy(), or a copy.

    say("\na 1 MiB write in flight:")
    try writeInFlight()
    try await shutDownDuringWrite()
}

private func refused(_ name: String, _ body: () throws -> Void) {
    do {
        try body()
        say(name, "ACCEPTED")
    } catch let error as KernelError {
        say(name, error.errno.name)
        if !error.advice.isEmpty { say("", error.advice) }
    } catch {
        say(name, "\(error)")
    }
}

extension Errno {
    fileprivate var name: String {
        switch self {
        case .invalidArgument: "EINVAL"
        case .resourceTemporarilyUnavailable: "EAGAIN"
        default: "\(self)"
        }
    }
}

package import AIOKernel
package import SystemPackage

/// The outcome of an operation: one word, so that it fits a continuation and needs no allocation.
///
/// Zero and up: what the kernel returned (bytes, poll bits, a descriptor). Down to -4095: -errno. Below
/// that, what the engine itself decided.
package struct Outcome: Hashable, Sendable {
    package let rawValue: Int

    @inlinable package init(rawValue: Int) { self.rawValue = rawValue }
    @inlinable package init(_ result: Int) { rawValue = result }

    /// The waiter was cancelled.
    package static var cancelled: Outcome { Outcome(rawValue: .min) }
    /// The context was shut down first.
    package static var shutDown: Outcome { Outcome(rawValue: .min + 1) }
    /// The context belongs to the process that this one was forked from.
    package static var forked: Outcome { Outcome(rawValue: .min + 2) }
    /// The backlog is as long as it may get.
    package static var overloaded: Outcome { Outcome(rawValue: .min + 3) }

    /// Where the outcomes of a refused io_setup begin.
    private static let refusals = Int.min + 1 << 40

    /// The kernel context could not be made.
    init(refusedBy error: KernelError, capacity: Int) {
        let call = Self.refusedCalls.firstIndex(of: error.call) ?? 0
        rawValue = Self.refusals + capacity << 16 + Int(error.errno.rawValue & 0xfff) << 2 + call
    }

    /// The calls without which there is no kernel context: four, as two bits tell them apart.
    private static let refusedCalls: [KernelError.Call] = [.setup, .submit, .getEvents, .cancel]

    /// Why the kernel context could not be made, if that is the outcome.
    package var refusal: KernelError? {
        let bits = rawValue &- Self.refusals
        guard rawValue < 0, bits >= 0, bits < 1 << 40 else { return nil }
        let errno = Errno(rawValue: Int32(bits >> 2 & 0xfff))
        let call = Self.refusedCalls[bits & 3]
        if call == .setup { return .setup(errno, capacity: bits >> 16) }
        return [.needsPoll, .noRoom].first { ($0.call, $0.errno) == (call, errno) } ?? KernelError(refused: call, errno)
    }

    package static func failure(_ errno: Errno) -> Outcome { Outcome(rawValue: -Int(errno.rawValue)) }

    /// The kernel's error, if that is what this is.
    package var errno: Errno? {
        rawValue < 0 && rawValue >= -4095 ? Errno(rawValue: Int32(-rawValue)) : nil
    }

    /// The kernel's result, if it is one.
    package var result: Int? { rawValue >= 0 ? rawValue : nil }
}

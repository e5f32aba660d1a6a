public import SystemPackage

/// What one of the kernel's AIO calls refused, with what to do about it.
public struct KernelError: Error, Hashable, Sendable {
    /// The system call that failed.
    public enum Call: String, Sendable {
        /// io_setup(2)
        case setup = "io_setup"
        /// io_submit(2)
        case submit = "io_submit"
        /// io_getevents(2)
        case getEvents = "io_getevents"
        /// io_cancel(2)
        case cancel = "io_cancel"
        /// io_destroy(2)
        case destroy = "io_destroy"
        /// eventfd(2)
        case eventfd = "eventfd"
    }

    /// The call that was refused.
    public let call: Call
    /// The kernel's reason.
    public let errno: Errno
    /// What this failure means here and what helps, in a sentence; empty where the errno says it all.
    public let advice: String

    /// An error of `call`; `advice` is a sentence for people, or empty.
    public init(_ call: Call, _ errno: Errno, advice: String = "") {
        self.call = call
        self.errno = errno
        self.advice = advice
    }
}

extension KernelError: CustomStringConvertible {
    /// The call, the errno by text and number, and the advice.
    public var description: String {
        let reason = "\(call.rawValue): \(errno) (errno \(errno.rawValue))"
        return advice.isEmpty ? reason : "\(reason): \(advice)"
    }
}

extension KernelError {
    /// Explains io_setup(2)'s errors, whose causes are not to be guessed from the errno's own text.
    package static func setup(_ errno: Errno, capacity: Int) -> KernelError {
        let advice: String
        switch errno {
        case .resourceTemporarilyUnavailable:
            advice = systemLimitAdvice(capacity: capacity)
        case .invalidArgument:
            advice = "the capacity, \(capacity), must be between 1 and \(KernelContext.maximumCapacity)"
        case .noFunction:
            advice = "this kernel was built without AIO (CONFIG_AIO)"
        case .notPermitted:
            advice = sandboxAdvice
        case .noMemory:
            advice = "the kernel had no memory for a ring of \(capacity) events; take a smaller capacity"
        default:
            advice = ""
        }
        return KernelError(.setup, errno, advice: advice)
    }

    /// Explains the refusal of a call that io_setup(2) was no obstacle to.
    package init(refused call: Call, _ errno: Errno) {
        let isForbidden = [.notPermitted, .permissionDenied, .noFunction].contains(errno)
        self.init(call, errno, advice: isForbidden ? Self.sandboxAdvice : "")
    }

    private static let sandboxAdvice =
        "a sandbox (a seccomp profile, most likely) forbids the AIO system calls; allow io_setup, io_submit, io_getevents, "
        + "io_cancel and io_destroy in it"

    private static func systemLimitAdvice(capacity: Int) -> String {
        guard let limits = try? SystemLimits.current() else {
            return "\(capacity) events are more than fs.aio-max-nr leaves on this system"
        }
        return limits.advice(capacity: capacity)
    }

    /// The refusal of a call on a context that a fork(2) copied. The kernel's bare EINVAL would send people
    /// looking for a fault in the operation.
    static func forked(_ call: Call) -> KernelError {
        KernelError(
            call, .invalidArgument,
            advice: "the context was set up before a fork and belongs to the parent; set up another one in the child")
    }
}

extension SystemLimits {
    /// What to do about a capacity that these limits do not leave room for.
    package func advice(capacity: Int) -> String {
        let (sum, overflow) = inUse.addingReportingOverflow(max(capacity, maximum))
        return "\(capacity) events were asked for, \(available) are left (fs.aio-nr is \(inUse) of fs.aio-max-nr "
            + "\(maximum), shared by every process of this host); close contexts, take a smaller capacity, or raise "
            + "it: sysctl -w fs.aio-max-nr=\(overflow ? .max : sum)"
    }
}

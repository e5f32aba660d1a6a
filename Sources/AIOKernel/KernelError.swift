public import SystemPackage

/// What one of the kernel's AIO calls refused, with what to do about it.
public struct KernelError: Error, Hashable, Sendable {
    /// The system call that failed.
    public enum Call: String, Sendable {
        case setup = "io_setup"
        case submit = "io_submit"
        case getEvents = "io_getevents"
        case cancel = "io_cancel"
        case destroy = "io_destroy"
        case eventfd = "eventfd"
    }

    public let call: Call
    public let errno: Errno
    /// What this failure means here and what helps, in a sentence; empty where the errno says it all.
    public let advice: String

    public init(_ call: Call, _ errno: Errno, advice: String = "") {
        self.call = call
        self.errno = errno
        self.advice = advice
    }
}

extension KernelError: CustomStringConvertible {
    public var description: String {
        let reason = "\(call.rawValue): \(errno) (errno \(errno.rawValue))"
        return advice.isEmpty ? reason : "\(reason): \(advice)"
    }
}

extension KernelError {
    /// Explains io_setup(2)'s errors, whose causes are not to be guessed from the errno's own text.
    static func setup(_ errno: Errno, capacity: Int) -> KernelError {
        let advice: String
        switch errno {
        case .resourceTemporarilyUnavailable:
            advice = systemLimitAdvice(capacity: capacity)
        case .invalidArgument:
            advice = "the capacity, \(capacity), must be between 1 and \(KernelContext.maximumCapacity)"
        case .noFunction:
            advice = "this kernel was built without AIO (CONFIG_AIO)"
        case .notPermitted:
            advice =
                "a sandbox (a seccomp profile, most likely) forbids the AIO system calls; allow io_setup, "
                + "io_submit, io_getevents, io_cancel and io_destroy in it"
        case .noMemory:
            advice = "the kernel had no memory for a ring of \(capacity) events; take a smaller capacity"
        default:
            advice = ""
        }
        return KernelError(.setup, errno, advice: advice)
    }

    private static func systemLimitAdvice(capacity: Int) -> String {
        guard let limits = try? SystemLimits.current() else {
            return "more events than fs.aio-max-nr allows on this system"
        }
        return "\(capacity) events were asked for, \(limits.available) are left (fs.aio-nr is \(limits.inUse) "
            + "of fs.aio-max-nr \(limits.maximum), shared by every process of this host); close contexts, take a "
            + "smaller capacity, or raise it: sysctl -w fs.aio-max-nr=\(limits.inUse + max(capacity, limits.maximum))"
    }
}

/// How a forked child terminated.
public enum ChildStatus: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
}

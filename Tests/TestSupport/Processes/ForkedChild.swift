internal import CTestSupport
internal import SystemPackage

/// How a forked child ended.
public enum ChildEnd: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
}

/// Runs `body` in a child made by fork(2), which exits with what it returns; waits for the child.
///
/// The child has this thread only. No Swift concurrency, no expectations and no printing there; call once in
/// the parent what the child is to call, as a lock that another thread held at the fork is never let go of in
/// the child (which SIGALRM then ends, after `seconds`).
public func inForkedChild(seconds: UInt32 = 20, _ body: () -> Int32) throws -> ChildEnd {
    let child = test_fork(seconds)
    guard child >= 0 else { throw Errno.resourceTemporarilyUnavailable }
    if child == 0 { test_exit(body()) }
    let status = try checked(test_wait(child))
    return status < 256 ? .exited(status) : .signalled(status - 256)
}

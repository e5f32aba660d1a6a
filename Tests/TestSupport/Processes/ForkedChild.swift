internal import CTestSupport
internal import SystemPackage

/// Runs `body` in a child made by fork(2), which exits with the value that `body` returns. Waits for the child.
///
/// The child has this thread only, so `body` must not use Swift concurrency, expectations or printing. Call in the
/// parent first what the child is going to call: a lock that another thread held at the fork is never released in
/// the child, which SIGALRM then ends after `seconds`.
public func inForkedChild(seconds: UInt32 = 20, _ body: () -> Int32) throws -> ChildStatus {
    let child = test_fork(seconds)
    guard child >= 0 else { throw Errno.resourceTemporarilyUnavailable }
    if child == 0 { test_exit(body()) }
    let status = try checked(test_wait(child))
    return status < 256 ? .exited(status) : .signalled(status - 256)
}

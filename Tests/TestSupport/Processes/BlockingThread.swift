internal import Glibc

/// Runs `body`, which may block, on a thread of its own: the cooperative pool, where tests run, has few.
///
/// Not on a dispatch queue: with every core's thread blocked, its pool adds one about once a second, and tests
/// that wait for each other on it take that long.
public func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<R, any Error>) in
        startThread { continuation.resume(with: Result { try body() }) }
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// A thread that nobody awaits: also in a forked child, where tasks have none.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let failure = pthread_create(
        &thread, nil,
        {
            Unmanaged<Work>.fromOpaque($0!).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
    precondition(failure == 0, "no thread to be had: errno \(failure)")
    pthread_detach(thread)
}

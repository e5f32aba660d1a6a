internal import Glibc

/// Runs `body`, which may block, on a thread of its own, as the cooperative pool has few.
///
/// A dispatch queue would not do: with every core's thread blocked, its pool adds about one thread a second, which
/// is how long tests that wait for each other would take.
public func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<R, any Error>) in
        startThread { continuation.resume(with: Result { try body() }) }
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Starts a detached thread. Works in a forked child too, where tasks have no threads.
package func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let failure = pthread_create(
        &thread, nil,
        {
            Unmanaged<Work>.fromOpaque($0!).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
    precondition(failure == 0, "no thread could be started: errno \(failure)")
    pthread_detach(thread)
}

internal import Glibc

/// Runs what blocks on a thread of its own.
///
/// Not on a dispatch queue: with every core's thread blocked, its pool adds one about once a second, and tests
/// that wait for each other on it take that long.
package func onBlockingThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
        let work = BlockingWork { continuation.resume(with: Result { try body() }) }
        let argument = Unmanaged.passRetained(work)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                pthread_detach(pthread_self())
                Unmanaged<BlockingWork>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument.toOpaque())
        guard result != 0 else { return }
        argument.release()
        continuation.resume(throwing: NoThread(errno: result))
    }
}

private final class BlockingWork: Sendable {
    let body: @Sendable () -> Void
    init(body: @escaping @Sendable () -> Void) { self.body = body }
}

/// The system had no thread to give.
struct NoThread: Error {
    let errno: Int32
}

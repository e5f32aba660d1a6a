import Glibc
import Synchronization

/// Holds its threads until all have arrived.
final class Latch: @unchecked Sendable {
    // Unchecked: a barrier is made for use by several threads.
    private let barrier: UnsafeMutablePointer<pthread_barrier_t>

    init(_ count: Int) {
        barrier = .allocate(capacity: 1)
        pthread_barrier_init(barrier, nil, UInt32(count))
    }

    deinit {
        pthread_barrier_destroy(barrier)
        barrier.deallocate()
    }

    func arriveAndWait() { pthread_barrier_wait(barrier) }
}

/// Runs `body`, which may block, on a thread of its own.
func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    let result: Result<R, any Error> = await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: Result { try body() }) }
    }
    return try result.get()
}

/// Runs `body` on `count` threads at once. Returns the failures: what the calls returned or threw.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> String?) async -> [String] {
    await withTaskGroup(of: String?.self) { group in
        for number in 0..<count {
            group.addTask {
                do { return try await onThread { try body(number) } } catch { return "connection \(number): \(error)" }
            }
        }
        var failures: [String] = []
        for await failure in group { if let failure { failures.append(failure) } }
        return failures
    }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
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

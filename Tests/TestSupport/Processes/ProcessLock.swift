/// Gives a test exclusive use of a resource of the process, as suites run beside each other:
/// `await ProcessLock.descriptors.withLock { … }`.
///
/// It excludes only tests that take the same lock.
public actor ProcessLock {
    /// For tests that count descriptors or threads, or open many.
    public static let descriptors = ProcessLock()
    /// For tests that count fs.aio-nr, or reserve much of it.
    public static let aioEvents = ProcessLock()

    public init() {}

    private var isHeld = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    public nonisolated func withLock<R>(_ body: () async throws -> R) async rethrows -> R {
        await acquire()
        do {
            let result = try await body()
            await release()
            return result
        } catch {
            await release()
            throw error
        }
    }

    private func acquire() async {
        guard isHeld else {
            isHeld = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func release() {
        // The lock stays held while it passes to the next waiter, so that no later caller gets in between.
        if waiting.isEmpty { isHeld = false } else { waiting.removeFirst().resume() }
    }
}

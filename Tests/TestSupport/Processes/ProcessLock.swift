/// Lets tests of several suites, which otherwise run beside each other, have something of the process to
/// themselves: `await ProcessLock.descriptors.withLock { … }`.
///
/// It keeps out only those that take it too.
public actor ProcessLock {
    /// For whoever counts descriptors or threads, or opens many.
    public static let descriptors = ProcessLock()
    /// For whoever counts fs.aio-nr, or reserves much of it.
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
        // Handed on as it is held: nobody who comes meanwhile gets in between.
        if waiting.isEmpty { isHeld = false } else { waiting.removeFirst().resume() }
    }
}

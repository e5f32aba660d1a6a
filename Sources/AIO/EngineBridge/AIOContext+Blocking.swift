internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

extension AIOContext {
    /// Makes a call on a blocking thread.
    ///
    /// - Parameters:
    ///   - policy: of cancellation, once the call is under way.
    ///   - path: what the call opens, for ``oldestOperations(olderThan:maximum:includingReadiness:)``.
    ///   - lease: of the file that the call is about.
    ///   - body: returns the result or -errno.
    ///   - discard: undoes a result that nobody waits for any more.
    func performBlocking(
        kind: OperationKind, policy: CancelPolicy, path: FilePath? = nil, lease: DescriptorLease? = nil,
        _ body: @escaping @Sendable () -> Int, discard: @escaping @Sendable (Int) -> Void = { _ in }
    ) async -> Outcome {
        let work = BlockingWork(path: path, body, discard: discard)
        let outcome = await perform(
            Operation(
                .init(), kind: kind, route: .blockingWork, policy: policy, memory: .borrowing(work),
                lease: lease.map { .passUnretained($0) }))
        // The operation holds it unretained.
        withExtendedLifetime((work, lease)) {}
        return outcome
    }
}

/// A value that a blocking thread brings back beside the result of its call.
final class BlockingResult<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    func store(_ value: Value) { stored.withLock { $0 = value } }

    /// The value; nil when the thread brought none.
    var value: Value? { stored.withLock { $0 } }
}

internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

extension AIOContext {
    /// Makes a call on a blocking thread.
    ///
    /// - Parameters:
    ///   - policy: how cancellation acts once a thread has started the call.
    ///   - path: of the file that the call opens, for ``oldestOperations(olderThan:maximum:includingReadiness:)``.
    ///   - lease: of the file that the call uses.
    ///   - body: returns the result or -errno.
    ///   - discard: undoes the result of a call that was abandoned.
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

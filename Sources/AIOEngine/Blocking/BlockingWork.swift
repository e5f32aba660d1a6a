package import SystemPackage

/// A call that only a blocking thread can make (open, ftruncate …), for ``Route/blockingWork``.
package final class BlockingWork: Sendable {
    /// Returns the result or -errno.
    let body: @Sendable () -> Int
    /// Undoes a result that nobody waits for any more: closes the descriptor that an open brought.
    let discard: @Sendable (Int) -> Void
    /// The path that it opens, for ``Engine/liveOperations(olderThan:maximum:includingPolls:)``.
    let path: FilePath?

    package init(
        path: FilePath? = nil, _ body: @escaping @Sendable () -> Int,
        discard: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.path = path
        self.body = body
        self.discard = discard
    }
}

internal import Synchronization

/// A deadline as the operations within it see it.
final class DeadlineScope: Sendable {
    @TaskLocal static var current: DeadlineScope?

    private let outer: DeadlineScope?
    private let passed = Atomic<Bool>(false)

    init(within outer: DeadlineScope?) { self.outer = outer }

    /// Marks the deadline as passed. Releases to the load in ``hasPassed``.
    func pass() { passed.store(true, ordering: .releasing) }

    /// Whether this deadline, or one around it, has passed.
    var hasPassed: Bool { passed.load(ordering: .acquiring) || outer?.hasPassed ?? false }
}

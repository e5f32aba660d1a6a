internal import Synchronization

/// Decides which of several callers is the first.
final class OneShot: Sendable {
    private let fired = Atomic<Bool>(false)

    /// Returns true in the first call, false in every other.
    func fire() -> Bool { !fired.exchange(true, ordering: .acquiringAndReleasing) }
}

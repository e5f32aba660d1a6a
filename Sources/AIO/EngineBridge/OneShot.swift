internal import Synchronization

/// True for the first caller, false for every other.
final class OneShot: Sendable {
    private let fired = Atomic<Bool>(false)

    func fire() -> Bool { !fired.exchange(true, ordering: .acquiringAndReleasing) }
}

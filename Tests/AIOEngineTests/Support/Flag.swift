import TestSupport

/// A flag that is raised once, and can be waited for.
final class Flag: Sendable {
    private let value = Monitor(false)
    func raise() { value.withLock { $0 = true } }
    var isRaised: Bool { value.withLock { $0 } }
    func wait(for what: String) async throws { try await value.wait(for: what) { $0 ? () : nil } }
}

@testable import AIOEngine

extension Engine {
    /// Whether the caller is on one of the engine's loops.
    var isOnLoop: Bool { currentLoop != nil }
}

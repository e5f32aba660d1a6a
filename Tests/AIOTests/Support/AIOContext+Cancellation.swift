import ForkSafeMutex

@testable import AIO
@testable import AIOEngine

extension AIOContext {
    /// Whether the loop has found a cancelled operation and waits for it to complete.
    var hasCancellationRequest: Bool {
        engine.loops[0].core.withLock { core in
            (0..<core.ledger.count).contains { core.ledger.cancellationRequest(UInt32($0)) != .none }
        }
    }
}

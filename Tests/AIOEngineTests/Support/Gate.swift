import Glibc
import Synchronization
import TestSupport

@testable import AIOEngine

/// Holds calls on blocking threads until it is opened.
final class Gate: Sendable {
    let isOpen = Monitor(false)
    let entered = Monitor(0)
    private let works = Mutex<[BlockingWork]>([])

    func open() { isOpen.withLock { $0 = true } }

    /// Waits until `count` calls are running.
    func waitUntilEntered(_ count: Int = 1) async throws {
        try await entered.wait(for: "\(count) calls on blocking threads") { $0 >= count ? () : nil }
    }

    /// Returns work that passes the gate. The gate keeps it alive, as the engine does not.
    func work(result: Int, discard: @escaping @Sendable (Int) -> Void = { _ in }) -> BlockingWork {
        let work = BlockingWork({ self.pass(result) }, discard: discard)
        works.withLock { $0.append(work) }
        return work
    }

    private func pass(_ result: Int) -> Int {
        entered.withLock { $0 += 1 }
        do { try isOpen.wait(for: "a gate", seconds: 120) { $0 ? () : nil } } catch { return -Int(ETIMEDOUT) }
        return result
    }
}

import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// Completions that announce the next piece of work, as a program does that reads block after block.
@Suite struct BlockingPoolDeliveryTests {
    /// Chains of work, each a client of the pool: the completion of a piece announces the next one of its chain.
    private final class Chains: Sendable {
        let pool: BlockingPool
        let peak = Atomic<Int>(0)
        /// How many pieces are left of each chain.
        private let left: Monitor<[Int]>

        init(_ pool: BlockingPool, count: Int, length: Int) {
            self.pool = pool
            left = Monitor([Int](repeating: length, count: count))
        }

        func begin() {
            for chain in left.withLock({ Array($0.indices) }) { announce(chain) }
        }

        func waitUntilOver() async throws {
            try await left.wait(for: "the ends of all chains") { $0.allSatisfy { $0 == 0 } ? () : nil }
        }

        private func announce(_ chain: Int) {
            pool.signal(
                for: UInt16(chain),
                perform: { client in
                    let entry = Entry(chains: self, chain: Int(client))
                    return .resume(
                        Completion(token: UInt(bitPattern: Unmanaged.passRetained(entry).toOpaque())) { token, _ in
                            let pointer = UnsafeRawPointer(bitPattern: token).unsafelyUnwrapped
                            let entry = Unmanaged<Entry>.fromOpaque(pointer).takeRetainedValue()
                            entry.chains.goOn(entry.chain)
                        }, Outcome(0))
                })
        }

        private func goOn(_ chain: Int) {
            peak.max(pool.liveCounts.running, ordering: .relaxed)
            let rest = left.withLock { left in
                left[chain] -= 1
                return left[chain]
            }
            if rest > 0 { announce(chain) }
        }
    }

    private final class Entry: Sendable {
        let chains: Chains
        let chain: Int

        init(chains: Chains, chain: Int) {
            self.chains = chains
            self.chain = chain
        }
    }

    @Test func threadThatDeliversDoesTheNextPiece() async throws {
        let pool = BlockingPool(maximum: 4, name: "test-pool")
        let chains = Chains(pool, count: 1, length: 1000)
        chains.begin()
        try await chains.waitUntilOver()
        #expect(chains.peak.load(ordering: .relaxed) == 1)
        try await onThread { pool.stop() }
    }

    @Test(arguments: [1, 2, 4]) func losesNoWorkOfManyChains(maximum: Int) async throws {
        let pool = BlockingPool(maximum: maximum, name: "test-pool")
        let chains = Chains(pool, count: 16, length: 500)
        chains.begin()
        try await chains.waitUntilOver()
        try await onThread { pool.stop() }
        #expect(pool.liveCounts.running == 0)
    }
}

import Glibc
import TestSupport
import Testing

@testable import AIOEngine

@Suite struct HousekeepingTests {
    @Test func isSharedByTheWholeProcess() { #expect(Housekeeping.shared === Housekeeping.shared) }

    @Test func doesEachPieceOfWorkOnce() async throws {
        let done = Monitor<[Int]>([])
        for piece in 0..<500 { Housekeeping.shared.run { done.withLock { $0.append(piece) } } }
        let all = try await done.wait(for: "500 pieces of work") { $0.count >= 500 ? $0 : nil }
        #expect(all.sorted() == Array(0..<500))
    }

    @Test func doesNotWaitForTheWork() async throws {
        let state = Monitor((released: false, isDone: false))
        // If `run` waited for the work, the release below would come too late and this wait would time out.
        Housekeeping.shared.run {
            guard (try? state.wait(for: "release") { $0.released ? () : nil }) != nil else { return }
            state.withLock { $0.isDone = true }
        }
        #expect(state.withLock { !$0.isDone })
        state.withLock { $0.released = true }
        try await state.wait(for: "the work to be done") { $0.isDone ? () : nil }
    }

    @Test func acceptsWorkFromWithinItsOwnWork() async throws {
        let done = Monitor(0)
        for _ in 0..<20 {
            Housekeeping.shared.run { Housekeeping.shared.run { done.withLock { $0 += 1 } } }
        }
        try await done.wait(for: "the inner work") { $0 == 20 ? () : nil }
    }
}

import Glibc
import TestSupport
import Testing

@testable import AIOEngine

@Suite struct HousekeepingTests {
    @Test func isOneForTheProcess() { #expect(Housekeeping.shared === Housekeeping.shared) }

    @Test func doesEachPieceOfWorkOnce() async throws {
        let done = Monitor<[Int]>([])
        for piece in 0..<500 { Housekeeping.shared.run { done.withLock { $0.append(piece) } } }
        let all = try await done.wait(for: "500 pieces of work") { $0.count >= 500 ? $0 : nil }
        #expect(all.sorted() == Array(0..<500))
    }

    @Test func doesNotWaitForTheWork() async throws {
        let state = Monitor((released: false, ended: false))
        // Were it to wait, the release would come too late and the wait below time out.
        Housekeeping.shared.run {
            guard (try? state.wait(for: "release") { $0.released ? () : nil }) != nil else { return }
            state.withLock { $0.ended = true }
        }
        #expect(state.withLock { !$0.ended })
        state.withLock { $0.released = true }
        try await state.wait(for: "the end") { $0.ended ? () : nil }
    }

    @Test func takesWorkFromItsOwnWork() async throws {
        let done = Monitor(0)
        for _ in 0..<20 {
            Housekeeping.shared.run { Housekeeping.shared.run { done.withLock { $0 += 1 } } }
        }
        try await done.wait(for: "the inner work") { $0 == 20 ? () : nil }
    }
}

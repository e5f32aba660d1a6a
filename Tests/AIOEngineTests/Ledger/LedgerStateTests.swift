import Testing

@testable import AIOEngine

/// The diagram of states, each pair of them, beside the same diagram written out as a table.
@Suite struct LedgerStateTests {
    private typealias State = OperationLedger.State
    private typealias WaiterState = OperationLedger.WaiterState

    private static let waiters: [WaiterState] = [
        .waiting(.none), .waiting(.requested(.cancelled)), .waiting(.requested(.shutDown)),
        .waiting(.granted(.cancelled)), .waiting(.granted(.shutDown)), .abandoned,
    ]

    private static let states: [State] =
        [.free, .queued, .awaitingPermit, .blockingQueued(holdsPermit: false), .blockingQueued(holdsPermit: true)]
        + waiters.flatMap { waiter -> [State] in
            [
                .submitted(waiter), .blockingRunning(holdsPermit: false, waiter),
                .blockingRunning(holdsPermit: true, waiter),
            ]
        }

    /// What may follow a waiter state while the operation stays where it is: the cancellation gets further, or the
    /// waiter leaves.
    private static func followers(_ waiter: WaiterState) -> [WaiterState] {
        switch waiter {
        case .waiting(.none), .waiting(.requested): waiters.filter { $0 != .waiting(.none) }
        case .waiting(.granted), .abandoned: []
        }
    }

    private static func followers(_ state: State) -> [State] {
        let fresh = WaiterState.waiting(.none)
        switch state {
        case .free: return [.queued, .awaitingPermit, .blockingQueued(holdsPermit: false)]
        case .queued, .awaitingPermit: return [.submitted(fresh), .free]
        case .blockingQueued(holdsPermit: false): return [.blockingRunning(holdsPermit: false, fresh), .free]
        case .blockingQueued(holdsPermit: true): return [.submitted(fresh), .free]
        case .submitted(let waiter):
            let back: [State] = waiter == fresh ? [.queued, .blockingQueued(holdsPermit: true)] : []
            return back + [.blockingRunning(holdsPermit: true, waiter), .free] + followers(waiter).map(State.submitted)
        case .blockingRunning(let holdsPermit, let waiter):
            return [.free] + followers(waiter).map { .blockingRunning(holdsPermit: holdsPermit, $0) }
        }
    }

    @Test func leadsWhereTheTableSaysAndNowhereElse() {
        for state in Self.states {
            let followers = Self.followers(state)
            for next in Self.states {
                #expect(state.leads(to: next) == followers.contains(next), "from \(state) to \(next)")
            }
        }
        #expect(Self.states.count == 23)
    }

    /// A permit is held in the kernel and by what came back from there.
    @Test func holdsAPermitInTheKernelAndAfterwards() {
        for state in Self.states {
            let expected =
                switch state {
                case .submitted, .blockingQueued(holdsPermit: true), .blockingRunning(holdsPermit: true, _): true
                default: false
                }
            #expect(state.holdsPermit == expected, "\(state)")
            #expect(!(state.holdsPermit && state.isPending), "\(state)")
            #expect(!(state.holdsPermit && state.isRunningWithoutPermit), "\(state)")
        }
    }

    #if DEBUG
        @Test func transitionOutsideTheDiagramTrapsInDebugBuilds() async {
            await #expect(processExitsWith: .failure) {
                var ledger = OperationLedger(queueDepth: 1)
                guard let id = ledger.admit(to: .kernel) else { return }
                ledger.moveToPool(id.index)
            }
        }
    #endif
}

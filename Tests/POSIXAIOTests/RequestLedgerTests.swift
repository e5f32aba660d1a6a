import POSIXAIO
import TestSupport
import Testing

@Suite("The order among requests")
final class RequestLedgerTests {
    private var ledger = RequestLedger()
    private var started: [RequestID] = []

    private func admit(_ ordering: RequestLedger.Ordering, priority: Int32 = 0, on descriptor: Int32 = 3) -> RequestID {
        defer { #expect(ledger.violation() == nil) }
        return ledger.admit(descriptor: descriptor, ordering: ordering, priority: priority).id
    }

    private func complete(_ id: RequestID) -> [RequestID] {
        started = []
        let isFirst = ledger.complete(id, starting: &started)
        #expect(isFirst)
        #expect(ledger.violation() == nil)
        return started
    }

    private func cancel(_ id: RequestID, mayLeave: Bool = true) -> RequestLedger.Cancellation {
        started = []
        defer { #expect(ledger.violation() == nil) }
        return ledger.cancel(id, mayLeave: mayLeave, starting: &started)
    }

    @Test("transfers at an offset run side by side")
    func transfersRunSideBySide() {
        let all = (0..<4).map { _ in admit(.none) }
        for id in all { #expect(ledger.state(id) == .running) }
        for id in all.reversed() { #expect(complete(id) == []) }
        #expect(ledger.descriptorCount == 0)
    }

    @Test("a stream's reads run one at a time, the urgent first, and its writes need not wait for them")
    func streamsReadOneAtATime() {
        let (first, late, urgent, later) = (
            admit(.read), admit(.read, priority: 5), admit(.read), admit(.read, priority: 5)
        )
        let write = admit(.write)
        #expect(
            [first, late, urgent, later, write].map { ledger.state($0) } == [
                .running, .waiting, .waiting, .waiting, .running,
            ])
        #expect(complete(first) == [urgent])
        #expect(complete(urgent) == [late])
        #expect(complete(late) == [later])
        #expect(complete(later) == [] && complete(write) == [])
    }

    @Test("appends run in the order of the calls, whatever their priority")
    func appendsRunInOrderOfCalls() {
        let all = [0, 9, 0, 5].map { admit(.append, priority: $0) }
        for (id, next) in zip(all, all.dropFirst()) { #expect(complete(id) == [next]) }
    }

    @Test("a barrier waits for the requests before it, and those behind it do not wait for it")
    func barrierWaitsForEarlierRequests() {
        let (first, second) = (admit(.none), admit(.append))
        let (barrier, another) = (admit(.barrier), admit(.barrier))
        let behind = admit(.none)
        #expect([barrier, another, behind].map { ledger.state($0) } == [.waiting, .waiting, .running])
        #expect(complete(second) == [] && complete(first) == [barrier, another])
        #expect(complete(another) == [] && complete(barrier) == [] && complete(behind) == [])
        let alone = admit(.barrier, on: 4)
        #expect(ledger.state(alone) == .running)
    }

    @Test("the barriers behind a request are the later ones on its descriptor")
    func barriersBehindAreLaterOnesOnDescriptor() {
        let (first, elsewhere) = (admit(.none), admit(.none, on: 4))
        let barrier = admit(.barrier)
        let second = admit(.append)
        let last = admit(.barrier)
        #expect(ledger.barriers(behind: first) == [barrier, last])
        #expect(ledger.barriers(behind: second) == [last])
        #expect(ledger.barriers(behind: last) == [] && ledger.barriers(behind: elsewhere) == [])
        #expect(complete(first) == [barrier])
        #expect(ledger.barriers(behind: first) == [])
    }

    @Test("a cancellation removes a request that waits or polls, and none that runs or has completed")
    func cancellationRemovesWaitingAndPolling() {
        let (first, second, third) = (admit(.read), admit(.read), admit(.read))
        let barrier = admit(.barrier)
        #expect(cancel(second) == .removed && started == [])
        #expect(cancel(first) == .running)
        ledger.block(first)
        #expect(cancel(first, mayLeave: false) == .running)
        #expect(cancel(first) == .left && started == [third])
        #expect(ledger.state(first) == .leaving && cancel(first) == .none)
        #expect(complete(third) == [barrier])
        #expect(!ledger.unblock(first) && ledger.state(first) == .free)
        #expect(cancel(third) == .none && cancel(second) == .none)
        #expect(complete(barrier) == [])
    }

    @Test("in a random walk no request runs out of order and every request completes", arguments: 0..<40)
    func randomWalkKeepsOrderAndCompletes(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var live: [RequestID] = []
        var leaving: [RequestID] = []
        for step in 0..<400 {
            let pick = live.randomElement(using: &random)
            started = []
            switch Int.random(in: 0..<6, using: &random) {
            case 0,
                1 where step < 300:
                let ordering = RequestLedger.Ordering.allCases.randomElement(using: &random)!
                live.append(
                    admit(
                        ordering, priority: .random(in: 0...3, using: &random), on: .random(in: 3...4, using: &random)))
            case 2: if let pick, ledger.state(pick) == .running { ledger.block(pick) }
            case 3:
                if let pick, ledger.state(pick) == .polling {
                    let stays = ledger.unblock(pick)
                    #expect(stays)
                }
            case 4:
                if let pick {
                    switch cancel(pick, mayLeave: .random(using: &random)) {
                    case .removed: live.removeAll { $0 == pick }
                    case .left:
                        live.removeAll { $0 == pick }
                        leaving.append(pick)
                    case .running, .none: break
                    }
                }
            default:
                if let pick, ledger.state(pick) == .running {
                    _ = complete(pick)
                    live.removeAll { $0 == pick }
                }
            }
            #expect(ledger.violation() == nil)
        }
        while !live.isEmpty {
            let running = live.first { ledger.state($0) == .running || ledger.state($0) == .polling }
            guard let running else { return #expect(Bool(false), "nothing runs, \(live.count) wait") }
            if ledger.state(running) == .polling { _ = ledger.unblock(running) }
            _ = complete(running)
            live.removeAll { $0 == running }
        }
        for id in leaving {
            let stays = ledger.unblock(id)
            #expect(!stays)
        }
        #expect(ledger.descriptorCount == 0)
    }
}

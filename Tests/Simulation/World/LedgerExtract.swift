@testable import AIOEngine

/// What a change of a ledger changes as well: to look at each entry after each step takes most of a run's time.
struct LedgerExtract: Equatable {
    private var sums = SIMD8<Int32>()
    private var ends = SIMD8<UInt32>()

    init() {}

    init(_ ledger: borrowing OperationLedger) {
        sums[0] = Int32(ledger.live)
        sums[1] = Int32(ledger.pending)
        sums[2] = Int32(ledger.permitsHeld)
        sums[3] = Int32(ledger.blockingRunning)
        sums[4] = Int32(ledger.kernelQueue.count)
        sums[5] = Int32(ledger.permitQueue.count)
        sums[6] = Int32(ledger.blockingQueue.count)
        (ends[0], ends[1]) = (ledger.kernelQueue.head, ledger.kernelQueue.tail)
        (ends[2], ends[3]) = (ledger.permitQueue.head, ledger.permitQueue.tail)
        (ends[4], ends[5]) = (ledger.blockingQueue.head, ledger.blockingQueue.tail)
        ends[6] = ledger.freeHead
    }
}

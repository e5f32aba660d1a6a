internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension Engine {
    /// How many iocbs one io_submit takes at most: past this the saving per request is gone, while the first
    /// ones wait for the rest to be built.
    static var batchCapacity: Int { 256 }

    /// Takes queued operations to the kernel until there are none, or no place. For whoever set
    /// ``EngineCore/isSubmitting``; it is cleared on the way out.
    func drainSubmissions() {
        var count = core.withLock { $0.takeBatchOrStop(into: batch) }
        while count > 0 { count = submit(batch, count) }
    }

    /// One io_submit, and what follows from its answer.
    ///
    /// - Returns: how many of `blocks`, from the first on, are to be submitted next.
    private func submit(
        _ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>, _ count: Int
    ) -> Int {
        let result = kernel.submit(UnsafeMutableBufferPointer(rebasing: blocks[..<count]))
        if result == -Int(EINTR) { return count }
        // Allocates only where something was refused.
        var finished: [Finished] = []
        let (next, duties) = core.withLock { core in
            core.settle(result, blocks, count, &finished)
        }
        perform(duties)
        for one in finished { one() }
        return next
    }
}

extension EngineCore {
    typealias Blocks = UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>

    /// The next batch; 0, and the role of submitter is free again.
    mutating func takeBatchOrStop(into blocks: Blocks) -> Int {
        let count = isStalled ? 0 : takeBatch(into: blocks)
        if count == 0 { isSubmitting = false }
        return count
    }

    /// Draws the conclusions from io_submit's answer for the first `count` of `blocks`.
    ///
    /// What the kernel accepted may be done and its slot another's by now: only what it did not accept may
    /// be looked at.
    mutating func settle(
        _ result: Int, _ blocks: Blocks, _ count: Int, _ finished: inout [Finished]
    ) -> (next: Int, duties: Duties) {
        counters.submitCalls += 1
        var accepted = max(0, result)
        counters.submittedBlocks += accepted
        if result == 0 || result == -Int(EAGAIN) {
            giveBack(blocks[..<count], &finished)
            isSubmitting = false
            // The loop tries again: at the next completion, or after a moment.
            defer { loopSleepsDeeply = false }
            return (0, Duties(lane: laneSignals(forFreed: finished.count), wakes: loopSleepsDeeply))
        }
        if result < 0 {
            // The error is the first one's; those behind it have not been looked at.
            if case .finished(let first) = refuse(
                OperationID(tag: blocks[0].pointee.data), result, at: caio_monotonic_ns())
            {
                finished.append(first)
            }
            accepted = 1
        }
        let rest = count - accepted
        for place in 0..<rest { blocks[place] = blocks[place + accepted] }
        let next = rest > 0 ? rest : takeBatchOrStop(into: blocks)
        return (next, Duties(lane: laneSignals(forFreed: finished.count)))
    }

    /// What has ended here leaves its place to the lane, where nobody else may hear of it.
    private mutating func laneSignals(forFreed places: Int) -> LaneSignals {
        var signals = unsignalledLane.take()
        signals.eager += min(places, ledger.laneWaitingForPlace)
        return signals
    }
}

internal import Synchronization

extension Engine {
    /// Calls up blocking threads for a loop's operations. Where none can be started, this thread does the work: better late
    /// than never.
    func signalPool(_ demand: BlockingDemand, for loop: EngineLoop) {
        guard !blockingPool.signal(demand, for: loop.number, perform: { self.poolStep($0) }) else { return }
        for _ in 0..<demand.count { loop.blockingStep()?.deliver() }
    }

    /// Gives the blocking pool more threads where those it has do not get on. For all loops together, once in `interval`.
    func scanPool(at now: UInt64, interval: UInt64) {
        let last = lastPoolScan.load(ordering: .relaxed)
        // Another loop may have read the clock later and been here before.
        guard now > last, now - last >= interval,
            lastPoolScan.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
        else { return }
        blockingPool.scan { self.poolStep($0) }
    }

    /// Runs one operation on a thread that may block.
    ///
    /// - Parameter client: a loop's number; past those, that of its ``ThreadKernel``.
    /// - Returns: the completion that follows.
    func poolStep(_ client: UInt16) -> PendingCompletion? {
        let number = Int(client)
        if number < loops.count { return loops[number].blockingStep() }
        let loop = loops[number - loops.count]
        return (loop.kernel as? ThreadKernel)?.runNext().flatMap { loop.complete($0) }
    }
}

extension LoopCore {
    /// What the caller of a transition does once it has released the lock: ``Engine/perform(_:)``.
    struct Actions {
        /// Submits from the queue: ``isSubmitting`` is set for the caller.
        var submits = false
        /// Calls up blocking threads.
        var demand = BlockingDemand()
        /// Wakes the loop.
        var wakes = false
    }

    /// After operations were admitted. On the loop's own thread they may wait until the loop has run what else is ready,
    /// and go to the kernel together.
    mutating func actions(afterAdmitting policy: BatchingPolicy) -> Actions {
        var actions = Actions(demand: blockingDemand.take())
        if hasSubmittable, !isStalled, policy.submitsNow(ledger) { actions.submits = takeSubmitterRole() }
        recordPeaks()
        if loopSleepsWithoutLimit, policy == .immediate, needsScans { actions.wakes = wakeLoop() }
        return actions
    }

    /// After `count` operations have completed: their permits are for what waits in the queue, and for the pool.
    mutating func actions(afterCompleting count: Int) -> Actions {
        isStalled = false
        var actions = Actions()
        if hasSubmittable { actions.submits = takeSubmitterRole() }
        actions.demand = demand(afterFreeing: count)
        // The loop ends with the last operation, on whatever thread that completes.
        actions.wakes = count > 0 && phase != .running && ledger.isEmpty
        return actions
    }

    /// After cancellations, by which `count` operations have completed.
    mutating func actions(afterCancelling count: Int) -> Actions {
        // A cancelled operation may have been the last, or have held the permit that the next one needs.
        var actions = count > 0 ? actions(afterCompleting: count) : Actions()
        if !uncancelledPolls.isEmpty, loopSleepsWithoutLimit { actions.wakes = wakeLoop() }
        return actions
    }

    /// After the kernel had no room: the loop submits again at the next completion, or after a moment.
    mutating func actionsAfterStalling(freed: Int) -> Actions {
        var actions = Actions(demand: demand(afterFreeing: freed))
        if loopSleepsWithoutLimit { actions.wakes = wakeLoop() }
        return actions
    }

    /// The pool's new work, and a thread for each of the `permits` that an operation waits for: the thread that found no
    /// permit for it has gone.
    mutating func demand(afterFreeing permits: Int) -> BlockingDemand {
        var demand = blockingDemand.take()
        demand.dedicated += min(permits, ledger.awaitingPermitCount)
        return demand
    }

    /// Makes the caller the submitter.
    mutating func takeSubmitterRole() -> Bool {
        isSubmitting = true
        return true
    }

    mutating func wakeLoop() -> Bool {
        loopSleepsWithoutLimit = false
        return true
    }
}

internal import AIOKernel
internal import CAIOShims
internal import Glibc
internal import Synchronization

extension LoopCore {
    typealias Blocks = UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>

    /// Whether there is something to submit, and nobody does.
    var hasSubmittable: Bool { !isSubmitting && ledger.hasSubmittable }

    /// Fills `blocks` with the next batch; 0 when there is none, and the submitter's role is free again.
    mutating func dequeueBatchOrStop(into blocks: Blocks) -> Int {
        let count = isStalled ? 0 : dequeueBatch(into: blocks)
        if count == 0 { isSubmitting = false }
        return count
    }

    /// Moves queued operations into `blocks`, as many as there is room and are permits for.
    private mutating func dequeueBatch(into blocks: Blocks) -> Int {
        var count = 0
        while count < blocks.count, let index = ledger.dequeueForSubmission() {
            blocks.initializeElement(at: count, to: slots.block(index))
            count += 1
        }
        counters.submitted += count
        recordPeaks()
        return count
    }

    /// Acts on io_submit's result for the first `count` of `blocks`.
    ///
    /// What the kernel accepted may have completed and its slot be another's by now: only what it did not accept is
    /// looked at.
    ///
    /// - Parameter isLast: the caller gives its role up after this batch; what is queued then is the loop's.
    /// - Returns: how many of `blocks`, from the first on, are to be submitted next.
    mutating func submitted(
        _ blocks: Blocks, _ count: Int, result: Int, at now: UInt64, isLast: Bool,
        _ completions: inout [PendingCompletion]
    ) -> (next: Int, actions: Actions) {
        counters.submitCalls += 1
        var accepted = max(0, result)
        counters.submittedBlocks += accepted
        if result == 0 || result == -Int(EAGAIN) {
            requeueUnaccepted(blocks[..<count], &completions)
            // Each of them has given its permit back, whether it completes or waits again.
            return (0, actionsAfterStalling(freed: count))
        }
        if result < 0 {
            // The error is the first block's; the kernel has not looked at those behind it.
            let id = OperationID(tag: blocks[0].pointee.data, loop: ledger.loop)
            if case .completed(let first) = refused(id, result, at: now) { completions.append(first) }
            accepted = 1
        }
        let rest = count - accepted
        for index in 0..<rest { blocks[index] = blocks[index + accepted] }
        let handsOver = rest == 0 && isLast
        if handsOver { isSubmitting = false }
        let next = handsOver ? 0 : rest > 0 ? rest : dequeueBatchOrStop(into: blocks)
        var actions = Actions(demand: demand(afterFreeing: completions.count))
        if handsOver && hasSubmittable || loopSleepsWithoutLimit && needsScans { actions.wakes = wakeLoop() }
        return (next, actions)
    }

    /// Puts a batch for which the kernel had no room back at the head of the queue, in order; but what was cancelled
    /// meanwhile completes.
    private mutating func requeueUnaccepted(_ blocks: Slice<Blocks>, _ completions: inout [PendingCompletion]) {
        for block in blocks.reversed() {
            let id = OperationID(tag: block.pointee.data, loop: ledger.loop)
            if ledger.isUnwanted(id.index) {
                completions.append(completeUnsubmitted(id))
            } else {
                ledger.requeue(id.index)
            }
        }
        counters.submitted -= blocks.count
        counters.submitRetries += 1
        isStalled = true
        isSubmitting = false
    }

    /// The kernel refused this block, and no event comes for it.
    private mutating func refused(_ id: OperationID, _ result: Int, at now: UInt64) -> CompletionStep {
        moveToPool(id, after: result) ?? complete(id, result, at: now)
    }

    /// Moves an operation whose NOWAIT attempt was refused on to the blocking pool, if anybody still wants it; nil when
    /// the result is its last.
    mutating func moveToPool(_ id: OperationID, after result: Int) -> CompletionStep? {
        guard result == -Int(EAGAIN) || result == -Int(EOPNOTSUPP), ledger.expectsEvent(id) else { return nil }
        let slot = slots[id.index]
        guard slot.pointee.route == .kernelUnlessBlocking else { return nil }
        counters.noWaitRefusals += 1
        if result == -Int(EOPNOTSUPP), slot.pointee.block.flags == .noWait {
            // Any other flag could be the reason just as well.
            _ = slot.pointee.lease?._withUnsafeGuaranteedRef { $0.refusesNoWait.store(true, ordering: .relaxed) }
        }
        guard !ledger.isUnwanted(id.index) else { return .completed(completeUndone(id)) }
        slot.pointee.block.flags.remove(.noWait)
        slot.pointee.route = .blockingSubmit
        ledger.moveToPool(id.index)
        slot.pointee.block.data = ledger.tag(id.index)
        blockingDemand.add(.blockingSubmit)
        return .movedToPool
    }

    /// Dequeues the next operation for a blocking thread.
    mutating func dequeueForPool() -> OperationLedger.PoolStep? {
        let step = ledger.dequeueForPool()
        switch step {
        case .submit: counters.submitted += 1
        case .call:
            counters.inline += 1
            counters.onBlockingThread += 1
        case .resubmit, nil: break
        }
        recordPeaks()
        return step
    }
}

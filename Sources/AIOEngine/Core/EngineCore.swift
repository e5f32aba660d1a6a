internal import AIOKernel
internal import CAIOShims
internal import Glibc
internal import Synchronization

/// All that the engine's lock guards: the ledger, the slots behind it and the counters, moved together.
///
/// No system call is made here but io_cancel(2), which needs the look-up and the call under one lock: an
/// address that was recycled in between would cancel a stranger.
struct EngineCore {
    enum Phase {
        case running
        /// Nothing new is let in; the loop ends with the last operation.
        case draining
        /// As `draining`, and whatever can be cancelled is.
        case cancelling
        case ended
    }

    var ledger: OperationLedger
    var counters = EngineCounters()
    var phase = Phase.running
    /// Somebody is taking operations from the queue to io_submit: the others leave theirs there.
    var isSubmitting = false
    /// The kernel had no room at the last try; the loop tries again.
    var isStalled = false
    /// The loop waits without a time limit, as nothing is under way: the next operation has to wake it.
    var loopSleepsDeeply = false
    /// A poll's cancellation met the kernel too early; the loop asks again.
    var retriesCancellation = false
    /// Queued for the lane, and no thread was called up for it yet.
    var unsignalledLane = LaneSignals()

    /// Operations whose waiters are to be asked, now and then, whether they still wait.
    var watched = IndexBits()

    let slots: SlotTable
    let laneThreads: Int

    init(_ configuration: Engine.Configuration, slots: SlotTable) {
        ledger = OperationLedger(queueDepth: configuration.queueDepth, maximumPending: configuration.maximumPending)
        laneThreads = configuration.laneThreads
        self.slots = slots
    }

    // MARK: Admission

    enum Admission {
        case admitted(OperationID)
        case refused(Outcome)
    }

    mutating func admit(_ operation: Operation, at now: UInt64) -> Admission {
        guard phase == .running else { return .refused(.shutDown) }
        let entry = operation.route.entry
        let startsAtOnce =
            switch entry {
            case .kernel: ledger.kernelHasPlace
            case .laneCall: ledger.laneHasThread(of: laneThreads)
            // A thread alone does not help it: it waits for a place as well.
            case .laneSubmit: ledger.laneHasThread(of: laneThreads) && ledger.laneHasPlace
            }
        guard case .admitted(let id) = ledger.admit(to: entry, startsAtOnce: startsAtOnce) else {
            counters.overloaded += 1
            return .refused(.overloaded)
        }
        slots.reserve(id.index)
        let slot = slots[id.index]
        slot.initialize(to: Slot(operation, tag: id.tag, startedAt: now))
        counters.started[Int(operation.kind.rawValue)] += 1
        if operation.waiter.bits != 0 { watched.insert(id.index) }
        if entry != .kernel { unsignalledLane.add(operation.route) }
        return .admitted(id)
    }

    // MARK: Submission

    /// Moves queued operations into `blocks`, as many as it and the ring have room for.
    mutating func takeBatch(into blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        var count = 0
        while count < blocks.count, let index = ledger.takeForSubmission() {
            blocks.initializeElement(at: count, to: slots.block(index))
            count += 1
        }
        counters.submitted += count
        counters.recordPeaks(of: ledger, laneThreads: laneThreads)
        return count
    }

    /// The kernel had no room for these: back to the head of the queue, in order. But for those that were
    /// cancelled on the way there, which end.
    mutating func giveBack(
        _ blocks: Slice<UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>>, _ finished: inout [Finished]
    ) {
        for block in blocks.reversed() {
            let id = OperationID(tag: block.pointee.data)
            if isUnwanted(id.index) {
                finished.append(endUnsubmitted(id))
            } else {
                ledger.returnToQueue(id.index)
            }
        }
        counters.submitted -= blocks.count
        counters.submitRetries += 1
        isStalled = true
    }

    /// It never reached the kernel, so it does not count as submitted.
    private mutating func endUnsubmitted(_ id: OperationID) -> Finished {
        let answer = ledger.answer(id)
        let slot = takeSlot(id.index)
        guard case .deliver(let wish) = answer else { return Finished(releasing: slot, result: -Int(EAGAIN)) }
        counters.cancelledBeforeSubmission += 1
        return Finished(slot.completion, wish == .shutDown ? .shutDown : .cancelled)
    }

    /// Whether nobody waits for it any more, or it was only waited for until the kernel lets go of it.
    private func isUnwanted(_ index: UInt32) -> Bool { ledger.isAbandoned(index) || ledger.wish(index) != .none }

    /// The kernel refused this one at io_submit: true when the lane takes it instead.
    mutating func refuse(_ id: OperationID, _ result: Int, at now: UInt64) -> Ending {
        if let moved = moveToLane(id, result) { return moved }
        return end(id, result, at: now)
    }

    /// Where a NOWAIT attempt was turned down, and somebody still wants the operation: on to the lane.
    private mutating func moveToLane(_ id: OperationID, _ result: Int) -> Ending? {
        guard result == -Int(EAGAIN) || result == -Int(EOPNOTSUPP), ledger.isAwaited(id) else { return nil }
        let slot = slots[id.index]
        guard slot.pointee.route == .kernelUnlessBlocking else { return nil }
        counters.noWaitRefusals += 1
        if result == -Int(EOPNOTSUPP), slot.pointee.block.flags == .noWait {
            // Any other flag could be the reason just as well.
            _ = slot.pointee.lease?._withUnsafeGuaranteedRef { $0.refusesNoWait.store(true, ordering: .relaxed) }
        }
        guard !isUnwanted(id.index) else { return .finished(endUndone(id)) }
        slot.pointee.block.flags.remove(.noWait)
        slot.pointee.route = .laneSubmit
        ledger.moveToLane(id.index)
        unsignalledLane.add(.laneSubmit)
        return .movedToLane
    }

    // MARK: Ending

    enum Ending {
        case none
        case finished(Finished)
        case movedToLane
    }

    /// An event of the kernel's.
    mutating func receive(_ event: CompletionEvent, at now: UInt64) -> Ending {
        let id = OperationID(tag: event.data)
        // A slot in another state has no event coming: a stray or a duplicate, which some kernels are known for.
        guard ledger.isAwaited(id), event.blockAddress == UInt(bitPattern: slots.block(id.index)) else {
            counters.spuriousEvents += 1
            return .none
        }
        return moveToLane(id, event.result) ?? end(id, event.result, at: now)
    }

    /// The answer to an operation is in, whoever brings it.
    mutating func end(_ id: OperationID, _ result: Int, at now: UInt64) -> Ending {
        switch ledger.answer(id) {
        case .spurious:
            counters.spuriousEvents += 1
            return .none
        case .late:
            let slot = takeSlot(id.index)
            counters.recordAnswer(result, of: slot.kind, nanoseconds: slot.age(at: now))
            return .finished(Finished(releasing: slot, result: result))
        case .deliver(let wish):
            let slot = takeSlot(id.index)
            let outcome = slot.outcome(of: result, wish: wish)
            if slot.kind == .poll, outcome == .cancelled || outcome == .shutDown {
                counters.completed += 1
                counters.cancelledByKernel += 1
            } else {
                counters.recordAnswer(result, of: slot.kind, nanoseconds: slot.age(at: now))
            }
            return .finished(Finished(slot.completion, outcome))
        }
    }

    /// The slot's contents, which nobody else sees any more.
    mutating func takeSlot(_ index: UInt32) -> Slot {
        watched.remove(index)
        return slots[index].move()
    }

    /// The kernel gave it back with nothing done, and a cancellation came meanwhile: it is granted even to a
    /// write.
    private mutating func endUndone(_ id: OperationID) -> Finished {
        let answer = ledger.answer(id)
        let slot = takeSlot(id.index)
        counters.completed += 1
        guard case .deliver(let wish) = answer else { return Finished(releasing: slot, result: -Int(EAGAIN)) }
        return Finished(slot.completion, wish == .shutDown ? .shutDown : .cancelled)
    }

    var hasSubmittable: Bool { !isSubmitting && ledger.hasSubmittable }

    mutating func snapshot() -> EngineCounters {
        counters.inFlight = ledger.inFlight
        counters.pending = ledger.pending
        return counters
    }
}

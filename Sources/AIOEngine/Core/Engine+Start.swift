internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization

extension Engine {
    /// Takes an operation in. Its completion is called once, from here already if it is refused.
    ///
    /// - Returns: its name, for ``cancel(_:)``; nil when it is over already.
    @discardableResult
    package func start(_ operation: Operation) -> OperationID? {
        guard belongsToThisProcess else {
            operation.completion(.forked)
            return nil
        }
        let now = caio_monotonic_ns()
        let gathers = isOnLoopThread ? Gathering(kernel) : .no
        let (admission, duties) = core.withLock { core in
            let admission = core.admit(operation, at: now)
            return (admission, core.duties(afterAdmitting: gathers))
        }
        switch admission {
        case .refused(let outcome):
            operation.completion(outcome)
            return nil
        case .admitted(let id):
            perform(duties)
            return id
        }
    }

    /// Takes several in together: they reach the kernel in as few calls as can be.
    ///
    /// - Parameter names: as many places as there are operations, initialized to nil: those that are admitted
    ///   have their names there, for ``cancel(_:)``. By the return they may be over.
    package func start(
        _ operations: UnsafeBufferPointer<Operation>, names: UnsafeMutableBufferPointer<OperationID?>? = nil
    ) {
        guard belongsToThisProcess else {
            for operation in operations { operation.completion(.forked) }
            return
        }
        let now = caio_monotonic_ns()
        let gathers = isOnLoopThread ? Gathering(kernel) : .no
        var refused: [(Completion, Outcome)] = []
        let duties = core.withLock { core in
            for (place, operation) in operations.enumerated() {
                switch core.admit(operation, at: now) {
                case .refused(let outcome): refused.append((operation.completion, outcome))
                case .admitted(let name): names?[place] = name
                }
            }
            return core.duties(afterAdmitting: gathers)
        }
        perform(duties)
        for (completion, outcome) in refused { completion(outcome) }
    }

    func perform(_ duties: EngineCore.Duties) {
        // First, as io_submit may hang: without the loop no cancellation would be noticed meanwhile.
        if duties.wakes { wakeLoop() }
        if !duties.lane.isEmpty { signalLane(duties.lane) }
        if duties.submits { drainSubmissions() }
    }
}

extension EngineCore {
    /// What the caller has to do once it has let go of the lock.
    struct Duties {
        /// Be the submitter: ``isSubmitting`` was set for you.
        var submits = false
        /// Lane threads that have work.
        var lane = LaneSignals()
        /// The loop sleeps and has to hear of this.
        var wakes = false
    }

    /// Operations were admitted. On the loop's own thread they may gather until it has run what else is ready,
    /// and go to the kernel together.
    mutating func duties(afterAdmitting gathering: Gathering) -> Duties {
        var duties = Duties()
        if hasSubmittable, !isStalled, gathering.ends(with: ledger) {
            isSubmitting = true
            duties.submits = true
        }
        duties.lane = unsignalledLane.take()
        counters.recordPeaks(of: ledger, laneThreads: laneThreads)
        if loopSleepsDeeply, gathering == .no, !ledger.isEmpty {
            loopSleepsDeeply = false
            duties.wakes = true
        }
        return duties
    }
}

extension Engine {
    /// Counts an operation that was done on the spot, without the engine's help.
    package func recordInline(_ kind: OperationKind, _ result: Int, since start: UInt64) {
        let elapsed = caio_monotonic_ns() - start
        core.withLock { core in
            core.counters.started[Int(kind.rawValue)] += 1
            core.counters.inline += 1
            core.counters.recordAnswer(result, of: kind, nanoseconds: elapsed)
        }
    }

    /// Counts bytes that were there before the operation that brings the rest.
    package func countBytesRead(_ count: Int) {
        if count > 0 { core.withLock { $0.counters.bytesRead += count } }
    }
}

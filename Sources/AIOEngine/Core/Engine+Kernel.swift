package import AIOKernel
internal import ForkSafeMutex
internal import Synchronization
internal import SystemPackage

extension Engine {
    /// What does the engine's I/O.
    package enum Backend {
        /// Kernel contexts; `created`: whether they were made yet.
        case kernel(created: Bool)
        /// Blocking threads, for this reason.
        case threads(KernelError)
    }

    package var backend: Backend {
        guard belongsToThisProcess, let reason = kernelStage.withLock({ $0.fallbackReason }) else {
            return .kernel(created: hasKernel.load(ordering: .relaxed))
        }
        return .threads(reason)
    }

    /// The permits of each loop: the configuration's, or fewer where the host had no room for so many.
    package var queueDepth: Int {
        guard belongsToThisProcess else { return configuration.queueDepth }
        return loops[0].core.withLock { $0.ledger.queueDepth }
    }

    /// How far the life of the kernel contexts has got.
    struct KernelStage {
        /// Whether they are made. They are destroyed again at the latest by `destroyKernel`.
        var isPrepared = false
        var isDestroyed = false
        /// Why blocking threads have taken the kernel's place.
        var fallbackReason: KernelError?
    }

    /// Makes the kernel contexts, unless that was done before or the engine has ended. Where the kernel refuses and the
    /// configuration says so, blocking threads take its place.
    ///
    /// - Throws: why the kernel refused; the next call tries again, and nothing is kept until then.
    func prepareKernel() throws(KernelError) {
        try kernelStage.withLock { stage throws(KernelError) in
            guard !stage.isPrepared, !stage.isDestroyed else { return }
            do throws(KernelError) {
                try makeKernelContexts()
            } catch {
                guard configuration.fallsBack else { throw error }
                replaceKernels()
                stage.fallbackReason = error
            }
            stage.isPrepared = true
            publishKernels()
        }
    }

    /// Puts blocking threads in the kernel's place, in an engine that no other thread knows yet.
    func fallBack(_ reason: KernelError) {
        kernelStage.withLock { stage in
            replaceKernels()
            stage.fallbackReason = reason
            stage.isPrepared = true
            publishKernels()
        }
    }

    private func publishKernels() {
        // Only now: the loops' threads must not be in a context that is withdrawn, as another loop gets none.
        for loop in loops { loop.primary.activate() }
        // Release: pairs with the acquiring loads of `start` and of the loops, which use the kernels from then on.
        for loop in loops { loop.hasKernel.store(true, ordering: .releasing) }
        hasKernel.store(true, ordering: .releasing)
    }

    /// Makes the kernel context of each loop, or of none. Where the host has no room for as many permits, it makes do with
    /// fewer, as far as the configuration allows.
    private func makeKernelContexts() throws(KernelError) {
        var queueDepth = configuration.queueDepth
        while true {
            do throws(KernelError) {
                try makeKernelContexts(queueDepth)
                break
            } catch {
                guard error.errno == .resourceTemporarilyUnavailable, let least = configuration.leastQueueDepth,
                    queueDepth / 2 >= least
                else { throw error }
                queueDepth /= 2
            }
        }
        guard queueDepth < configuration.queueDepth else { return }
        for loop in loops { loop.core.withLock { $0.ledger.reducePermits(to: queueDepth) } }
    }

    private func makeKernelContexts(_ queueDepth: Int) throws(KernelError) {
        for (index, loop) in loops.enumerated() {
            do throws(KernelError) {
                try loop.primary.prepare(queueDepth: queueDepth)
            } catch {
                for made in loops[..<index] { made.primary.withdraw() }
                throw error
            }
        }
    }

    private func replaceKernels() {
        for loop in loops {
            // Unowned: the loop keeps its kernel, and the engine its loops. Who submits holds the engine.
            loop.replaceKernel(
                by: ThreadKernel(host) { [unowned self, unowned loop] in runOnThreads($0, for: loop) })
        }
    }

    /// Asks the blocking pool for `count` threads, each for one operation of a loop's ``ThreadKernel``.
    private func runOnThreads(_ count: Int, for loop: EngineLoop) -> Bool {
        let worker = UInt16(loops.count) + loop.number
        return blockingPool.signal(BlockingDemand(dedicated: count), for: worker, perform: { self.poolStep($0) })
    }

    /// Destroys the kernel contexts: after the last operation of the last loop.
    func destroyKernel() {
        kernelStage.withLock { stage in
            stage.isDestroyed = true
            for loop in loops {
                loop.primary.destroy()
                if stage.fallbackReason != nil { loop.kernel.destroy() }
            }
        }
    }

    /// Makes the kernel contexts if the operation needs one.
    ///
    /// - Returns: the outcome of an operation that cannot be started for want of one; nil for any other.
    func prepare(for operation: Operation) -> Outcome? {
        // Acquire: pairs with the release in `prepareKernel`.
        guard !hasKernel.load(ordering: .acquiring), operation.route.queue != .blocking else { return nil }
        // Not left to the admission: the phase follows `isClosed` only after a moment.
        guard isOpen else { return .shutDown }
        do throws(KernelError) {
            try prepareKernel()
        } catch {
            return Outcome(refusedBy: error, capacity: configuration.queueDepth + 1)
        }
        // Ended in between, so that nothing was made.
        guard hasKernel.load(ordering: .acquiring) else { return .shutDown }
        // The loops may sleep without looking at the rings that there are now.
        for loop in loops { loop.primary.wake() }
        return nil
    }

    /// Makes the kernel contexts if one of the operations needs one.
    ///
    /// - Returns: the outcome of those that do and cannot be started for want of one; nil when there is one.
    func prepare(for operations: UnsafeBufferPointer<(operation: Operation, completion: Completion)>) -> Outcome? {
        guard !hasKernel.load(ordering: .acquiring) else { return nil }
        for (operation, _) in operations {
            if let refusal = prepare(for: operation) { return refusal }
        }
        return nil
    }
}

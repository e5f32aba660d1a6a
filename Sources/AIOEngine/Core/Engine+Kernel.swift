package import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension Engine {
    /// Whether the kernel context was made.
    package var isPrepared: Bool { hasKernel.load(ordering: .relaxed) }

    /// How far the life of the kernel context has got.
    enum KernelStage {
        case initial
        /// The context is made, and destroyed again at the latest by `destroyKernel`.
        case prepared
        /// The engine has ended.
        case destroyed
    }

    /// Makes the kernel context and submits the poll on the wake-up event, unless that was done before or the engine has
    /// ended.
    ///
    /// - Throws: why the kernel refused; the next call tries again.
    package func prepareKernel() throws(KernelError) {
        try kernelStage.withLock { stage throws(KernelError) in
            guard stage != .destroyed, !isPrepared else { return }
            try kernel.prepare()
            stage = .prepared
            guard try armWake() else {
                throw KernelError(.submit, .noMemory, advice: "the kernel has no room for a single operation")
            }
            // Release: pairs with the loads of `start` and of the loop, which use the kernel from then on.
            hasKernel.store(true, ordering: .releasing)
        }
        // The loop may sleep without looking at the ring that there is now.
        wakeLoop()
    }

    /// Destroys the kernel context, if there is one: for the loop, after the last operation.
    func destroyKernel() {
        kernelStage.withLock { stage in
            if stage == .prepared { kernel.destroy() }
            stage = .destroyed
        }
    }

    /// Makes the kernel context if the operation needs it.
    ///
    /// - Returns: the outcome of an operation for which the kernel refused that; nil for any other.
    func prepare(for operation: Operation) -> Outcome? {
        // Acquire: pairs with the release in `prepareKernel`. A closed engine refuses the operation itself.
        guard !hasKernel.load(ordering: .acquiring), operation.route.queue != .blocking, isOpen else { return nil }
        do throws(KernelError) {
            try prepareKernel()
            return nil
        } catch {
            return Outcome(refusedBy: error, capacity: configuration.queueDepth + 1)
        }
    }

    /// Has the loop make one more iteration, if it sleeps or is about to.
    package func wakeLoop() { wake.withLock { $0?.signal() } }

    /// Submits the poll on the wake-up event. For the loop's thread, and for the one that makes the kernel context.
    ///
    /// - Returns: false when the kernel has no room just now.
    func armWake() throws(KernelError) -> Bool {
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: 1) {
            // A ControlBlock is a caio_iocb and nothing else.
            $0.initializeElement(at: 0, to: UnsafeMutableRawPointer(wakeBlock).assumingMemoryBound(to: caio_iocb.self))
            return kernel.submit($0)
        }
        switch result {
        case 1: return true
        case -Int(EINVAL):
            throw KernelError(.submit, .invalidArgument, advice: KernelError.needsPoll)
        case -Int(EAGAIN), -Int(EINTR), 0: return false
        default: throw KernelError(.submit, Errno(rawValue: Int32(-result)))
        }
    }
}

extension KernelError {
    static let needsPoll = "contexts need IOCB_CMD_POLL: Linux 4.19 or later"
}

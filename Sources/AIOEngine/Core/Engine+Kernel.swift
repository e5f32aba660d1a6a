internal import AIOKernel
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
    /// - Throws: why the kernel refused; the next call tries again, and nothing is kept until then.
    func prepareKernel() throws(KernelError) {
        try kernelStage.withLock { stage throws(KernelError) in
            guard stage == .initial else { return }
            try kernel.prepare()
            do throws(KernelError) {
                guard try armWake() else { throw .noRoom }
            } catch {
                kernel.destroy()
                throw error
            }
            stage = .prepared
            // Release: pairs with the acquiring loads of `start` and of the loop, which use the kernel from then on.
            hasKernel.store(true, ordering: .releasing)
        }
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
        // The loop may sleep without looking at the ring that there is now.
        wakeLoop()
        return nil
    }

    /// Makes the kernel context if one of the operations needs it.
    ///
    /// - Returns: the outcome of those that do and cannot be started for want of one; nil when there is one.
    func prepare(for operations: UnsafeBufferPointer<(operation: Operation, completion: Completion)>) -> Outcome? {
        guard !hasKernel.load(ordering: .acquiring) else { return nil }
        for (operation, _) in operations {
            if let refusal = prepare(for: operation) { return refusal }
        }
        return nil
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
            throw .needsPoll
        case -Int(EAGAIN), -Int(EINTR), 0: return false
        default: throw KernelError(.submit, Errno(rawValue: Int32(-result)))
        }
    }
}

extension KernelError {
    /// The kernel does not know IOCB_CMD_POLL.
    static let needsPoll = KernelError(
        .submit, .invalidArgument, advice: "contexts need IOCB_CMD_POLL: Linux 4.19 or later")
    /// The kernel has no memory for the first operation.
    static let noRoom = KernelError(
        .submit, .noMemory, advice: "the kernel has no room for a single operation; free memory")
}

internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import Synchronization

extension Engine {
    /// Calls up lane threads for `count` operations. Where none can be started, this thread does the work:
    /// better late than never.
    func signalLane(_ signals: LaneSignals) {
        guard !lane.signal(signals.eager, patient: signals.patient, step: { self.laneStep() }) else { return }
        for _ in 0..<signals.count { laneStep() }
    }

    /// Gives the lane more threads where those it has do not get on.
    func reinforceLane() { lane.reinforce { self.laneStep() } }

    /// One operation, on a thread that may block.
    private func laneStep() {
        switch core.withLock({ $0.takeForLane() }) {
        case .submit(let id), .resubmit(let id): submitFromLane(id)
        case .call(let id): finish(id, LaneCall(slots[id.index]).run())
        case nil: break
        }
    }

    /// io_submit of one operation, blocking for whatever the kernel does inline.
    private func submitFromLane(_ id: OperationID) {
        let block = slots.block(id.index)
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: 1) {
            $0.initializeElement(at: 0, to: block)
            var result = -Int(EINTR)
            while result == -Int(EINTR) { result = kernel.submit($0) }
            return result
        }
        core.withLock {
            $0.counters.submitCalls += 1
            if result > 0 { $0.counters.submittedBlocks += 1 }
        }
        guard result != 1 else { return }
        if result == 0 || result == -Int(EAGAIN) {
            // No room in the kernel: this thread may as well make the call itself.
            core.withLock { $0.ledger.laneRunsItself(id) }
            finish(id, LaneCall(slots[id.index]).run())
        } else {
            finish(id, result)
        }
    }

    private func finish(_ id: OperationID, _ result: Int) {
        let now = caio_monotonic_ns()
        let (ending, duties) = core.withLock { core in
            (core.end(id, result, at: now), core.duties(afterEnding: 1, onLoop: false))
        }
        perform(duties)
        if case .finished(let finished) = ending { finished() }
    }
}

extension EngineCore {
    mutating func takeForLane() -> OperationLedger.LaneStep? {
        let step = ledger.takeForLane()
        switch step {
        case .submit: counters.submitted += 1
        case .call:
            counters.inline += 1
            counters.lane += 1
        case .resubmit, nil: break
        }
        counters.recordPeaks(of: ledger, laneThreads: laneThreads)
        return step
    }

    /// `count` operations have ended: their places are for what waits in the queue, and for the lane.
    mutating func duties(afterEnding count: Int, onLoop: Bool) -> Duties {
        var duties = Duties()
        isStalled = false
        if hasSubmittable, !onLoop {
            isSubmitting = true
            duties.submits = true
        }
        // The lane thread that found no place went away: what waited for it needs another.
        duties.lane = unsignalledLane.take()
        duties.lane.eager += min(count, ledger.laneWaitingForPlace)
        // The loop ends with the last operation, wherever that ends.
        if phase != .running, ledger.isEmpty, !onLoop { duties.wakes = true }
        return duties
    }
}

/// The plain system call that does the work of an iocb.
struct LaneCall {
    private let slot: UnsafeMutablePointer<Slot>

    init(_ slot: UnsafeMutablePointer<Slot>) { self.slot = slot }

    /// The result or -errno.
    func run() -> Int {
        if slot.pointee.route == .laneWork, let memory = slot.pointee.memory {
            return memory._withUnsafeGuaranteedRef { unsafeDowncast($0, to: LaneWork.self).body() }
        }
        let raw = slot.pointee.block.raw
        let descriptor = Int32(bitPattern: raw.descriptor)
        let flags = Int32(bitPattern: raw.rw_flags)
        switch Int(raw.opcode) {
        case CAIO_CMD_PREAD, CAIO_CMD_PWRITE:
            var vector = caio_iovec(
                iov_base: UnsafeMutableRawPointer(bitPattern: UInt(raw.buffer)), iov_len: Int(raw.count))
            return transfer(Int(raw.opcode) == CAIO_CMD_PREAD, descriptor, &vector, 1, raw.offset, flags)
        case CAIO_CMD_PREADV, CAIO_CMD_PWRITEV:
            guard let vectors = UnsafePointer<caio_iovec>(bitPattern: UInt(raw.buffer)) else { return -Int(EFAULT) }
            let reads = Int(raw.opcode) == CAIO_CMD_PREADV
            return transfer(reads, descriptor, vectors, Int32(raw.count), raw.offset, flags)
        case CAIO_CMD_FSYNC: return Int(caio_fsync(descriptor, false))
        case CAIO_CMD_FDSYNC: return Int(caio_fsync(descriptor, true))
        default: return -Int(EINVAL)
        }
    }

    private func transfer(
        _ reads: Bool, _ descriptor: Int32, _ vectors: UnsafePointer<caio_iovec>, _ count: Int32, _ offset: Int64,
        _ flags: Int32
    ) -> Int {
        var result = -Int(EINTR)
        while result == -Int(EINTR) {
            result =
                reads
                ? caio_preadv2(descriptor, vectors, count, offset, flags)
                : caio_pwritev2(descriptor, vectors, count, offset, flags)
        }
        return result
    }
}

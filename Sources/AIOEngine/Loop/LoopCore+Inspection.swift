internal import AIOKernel
internal import CAIOShims

extension LoopCore {
    /// Copies what the slot says of an operation, and extends the use of its descriptor.
    ///
    /// - Returns: nil where there is no operation, or not one of those that are wanted.
    func sighting(_ index: UInt32, startedBefore limit: UInt64, _ now: UInt64, _ includingPolls: Bool)
        -> Sighting?
    {
        guard let stage = ledger.stage(index) else { return nil }
        let slot = slots[index]
        guard slot.pointee.startedAt <= limit, includingPolls || slot.pointee.kind != .poll else { return nil }
        var operation = LiveOperation(
            kind: slot.pointee.kind, stage: stage, isAbandoned: ledger.isAbandoned(index),
            ageNanoseconds: slot.pointee.age(at: now))
        slot.pointee.describe(into: &operation)
        // The operation has not completed, so the lease is in use and may be extended.
        let lease = slot.pointee.lease?.takeUnretainedValue()
        lease?.extendUse()
        return Sighting(operation: operation, lease: lease)
    }
}

extension OperationLedger {
    /// How far an operation has got; nil for a free entry.
    fileprivate func stage(_ index: UInt32) -> LiveOperation.Stage? {
        switch state(index) {
        case .free: nil
        case .queued, .awaitingPermit, .blockingQueued(holdsPermit: false): .waiting
        case .submitted: .inKernel
        case .blockingQueued(holdsPermit: true), .blockingRunning: .onThread
        }
    }

    fileprivate func isAbandoned(_ index: UInt32) -> Bool { state(index).waiterState == .abandoned }
}

extension Slot {
    /// Adds file and range, as far as the iocb has them. Under the engine's lock, which keeps what the slot points to.
    fileprivate func describe(into operation: inout LiveOperation) {
        operation.descriptor = lease.map { $0._withUnsafeGuaranteedRef { $0.descriptor } }
        if route == .blockingWork {
            operation.path = memory.flatMap {
                $0._withUnsafeGuaranteedRef { unsafeDowncast($0, to: BlockingWork.self).path }
            }
            return
        }
        let raw = block.raw
        operation.descriptor = operation.descriptor ?? Int32(bitPattern: raw.descriptor)
        switch Int(raw.opcode) {
        case CAIO_CMD_PREAD, CAIO_CMD_PWRITE:
            operation.offset = raw.offset
            operation.count = Int(clamping: raw.count)
        case CAIO_CMD_PREADV, CAIO_CMD_PWRITEV:
            operation.offset = raw.offset
            operation.count = vectorsByteCount
        default: break
        }
    }

    /// The sum of the vectors' lengths. `memory` keeps the array of vectors until the operation completes.
    private var vectorsByteCount: Int? {
        guard memory != nil, let vectors = UnsafePointer<caio_iovec>(bitPattern: UInt(block.raw.buffer)) else {
            return nil
        }
        return UnsafeBufferPointer(start: vectors, count: Int(block.raw.count)).reduce(0) { $0 &+ $1.iov_len }
    }
}

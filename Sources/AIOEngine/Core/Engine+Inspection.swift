internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization
package import SystemPackage

/// What is to be told of an operation that has not ended.
package struct LiveOperation: Sendable {
    package enum Stage: Sendable {
        /// Nobody has begun with it.
        case waiting
        /// The kernel has it.
        case inKernel
        /// A lane thread makes the call, or is about to submit it.
        case onThread
    }

    package var kind: OperationKind
    package var stage: Stage
    /// Its waiter has left; the kernel has not answered yet.
    package var isAbandoned: Bool
    package var ageNanoseconds: UInt64
    /// nil: it has none, or none yet.
    package var descriptor: Int32?
    /// The path that an opening was given; for others, who asks has to find it by the descriptor.
    package var path: FilePath?
    package var offset: Int64?
    package var count: Int?
}

/// Operations that have not ended, oldest first. Their descriptors stay open until it is let go of, so that what
/// /proc says of one is said of the right file.
package final class LiveOperations: Sendable {
    package let operations: [LiveOperation]
    private let leases: [DescriptorLease]

    fileprivate init(_ sightings: [Sighting]) {
        operations = sightings.map(\.operation)
        leases = sightings.compactMap(\.lease)
    }

    deinit { for lease in leases { lease.end() } }
}

/// One operation as it was seen under the lock, and a hold on its descriptor.
private struct Sighting {
    var operation: LiveOperation
    var lease: DescriptorLease?
}

extension Engine {
    /// How many records one locked region looks at: it is over in some microseconds, and nobody waits longer.
    private static var inspectionStride: Int { 256 }

    /// The operations that were started more than `age` nanoseconds ago, oldest first, `maximum` at most; without
    /// polls if they are not wanted.
    ///
    /// In pieces, as ``cancelUnwanted(olderThan:now:)`` goes: what begins or ends meanwhile may be in or not.
    package func liveOperations(olderThan age: UInt64, maximum: Int, includingPolls: Bool = true) -> LiveOperations {
        guard belongsToThisProcess, maximum > 0 else { return LiveOperations([]) }
        let now = caio_monotonic_ns()
        let limit = now > age ? now - age : 0
        var found: [Sighting] = []
        var next = 0
        while true {
            let isLast = core.withLock { core in
                let end = min(core.ledger.recordCount, next + Self.inspectionStride)
                for index in next..<max(next, end) {
                    guard let sighting = core.sight(UInt32(index), startedBefore: limit, now, includingPolls)
                    else { continue }
                    found.append(sighting)
                }
                next = end
                return end >= core.ledger.recordCount
            }
            // No more are held than one round adds to those that are wanted.
            let excess = found.dropOldest(maximum)
            for sighting in excess { sighting.lease?.end() }
            if isLast { return LiveOperations(found) }
        }
    }
}

extension [Sighting] {
    /// Keeps the `count` oldest, oldest first, and returns the others.
    fileprivate mutating func dropOldest(_ count: Int) -> [Sighting] {
        sort { $0.operation.ageNanoseconds > $1.operation.ageNanoseconds }
        let excess = Array(dropFirst(count))
        removeLast(excess.count)
        return excess
    }
}

extension EngineCore {
    fileprivate func sight(_ index: UInt32, startedBefore limit: UInt64, _ now: UInt64, _ includingPolls: Bool)
        -> Sighting?
    {
        guard let stage = ledger.stage(index) else { return nil }
        let slot = slots[index]
        guard slot.pointee.startedAt <= limit, includingPolls || slot.pointee.kind != .poll else { return nil }
        var operation = LiveOperation(
            kind: slot.pointee.kind, stage: stage, isAbandoned: ledger.isAbandoned(index),
            ageNanoseconds: slot.pointee.age(at: now))
        slot.pointee.describe(into: &operation)
        // The operation has not ended, so the lease is there, and one more end may be announced.
        let lease = slot.pointee.lease?.takeUnretainedValue()
        lease?.extend()
        return Sighting(operation: operation, lease: lease)
    }
}

extension OperationLedger {
    /// nil for a free record.
    fileprivate func stage(_ index: UInt32) -> LiveOperation.Stage? {
        switch state(index) {
        case .free: nil
        case .queued, .laneWaiting: .waiting
        case .submitted: .inKernel
        case .laneQueued: records[Int(index)].holdsPlace ? .onThread : .waiting
        case .laneRunning: .onThread
        }
    }
}

extension Slot {
    /// File and range, as far as the request says. Under the engine's lock: what it points to is kept until then.
    fileprivate func describe(into operation: inout LiveOperation) {
        operation.descriptor = lease.map { $0._withUnsafeGuaranteedRef { $0.descriptor } }
        if route == .laneWork {
            operation.path = memory.flatMap {
                $0._withUnsafeGuaranteedRef { unsafeDowncast($0, to: LaneWork.self).path }
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

    /// Whoever reads or writes with vectors keeps the array until the operation has ended (`memory`).
    private var vectorsByteCount: Int? {
        guard memory != nil, let vectors = UnsafePointer<caio_iovec>(bitPattern: UInt(block.raw.buffer)) else {
            return nil
        }
        return UnsafeBufferPointer(start: vectors, count: Int(block.raw.count)).reduce(0) { $0 &+ $1.iov_len }
    }
}
